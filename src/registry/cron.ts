/** node-cron behind the one function that the poller needs. */
import cron from 'node-cron';

export function scheduleCron(expression: string, tick: () => void): () => void {
  const task = cron.schedule(expression, () => tick());
  return () => void task.destroy();
}
