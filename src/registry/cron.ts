/** node-cron behind the one function that the poller needs. */
import { schedule } from 'node-cron';

export function scheduleCron(expression: string, tick: () => void): () => void {
  const task = schedule(expression, () => tick());
  return () => void task.destroy();
}
