/** node-cron behind the one function that the poller needs. */
import { schedule } from 'node-cron';

/**
 * What came late, as where the process or its machine was held up, is done all the same, however late: a poll left out
 * would be one until the next time, which may be an hour away. And nothing is written beside the log.
 */
const OPTIONS = { missedExecutionTolerance: Number.MAX_SAFE_INTEGER, suppressMissedWarning: true };

export function scheduleCron(expression: string, tick: () => void): () => void {
  const task = schedule(expression, () => tick(), OPTIONS);
  return () => void task.destroy();
}
