/** How a profile monitors its endpoints, as a request's body has it. */
import { ArmError, asText } from './http.ts';

export interface MonitorConfig {
  readonly protocol: string;
  readonly port: number;
  readonly path: string;
  readonly intervalInSeconds: number;
  readonly toleratedNumberOfFailures: number;
  readonly timeoutInSeconds: number;
}

export function readMonitor(given: Readonly<Record<string, unknown>> | undefined): MonitorConfig {
  const interval = Number(given?.['intervalInSeconds'] ?? 30);
  const timeout = Number(given?.['timeoutInSeconds'] ?? (interval === 10 ? 9 : 10));
  if (interval !== 10 && interval !== 30)
    throw new ArmError(400, 'BadRequest', `The probing interval must be 10 or 30 seconds, it is ${interval}.`);
  if (interval === 10 && timeout > 9)
    throw new ArmError(
      400,
      'BadRequest',
      `With an interval of 10 seconds the timeout must be 5 to 9 seconds, it is ${timeout}.`,
    );
  return {
    protocol: asText(given?.['protocol'], 'HTTP'),
    port: Number(given?.['port'] ?? 80),
    path: asText(given?.['path'], '/'),
    intervalInSeconds: interval,
    toleratedNumberOfFailures: Number(given?.['toleratedNumberOfFailures'] ?? 3),
    timeoutInSeconds: timeout,
  };
}
