/**
 * What a look at a job's container group says of its end. Only its own exit, its image and its deadline speak of the release
 * (R7): a group that Azure does not bring to run, or that somebody stops, is an error.
 */
import type { MeasurementKind } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import type { ObservedContainer, ObservedGroup } from './observation.ts';

export interface JobEnd {
  readonly at: Instant;
  readonly kind: Exclude<MeasurementKind, 'inconclusive'>;
  readonly detail: string;
  /** There is a log that says more. */
  readonly hasLog: boolean;
}

export interface JobTimes {
  readonly at: Instant;
  /** When it was first seen running. */
  readonly runningAt: Instant | undefined;
  /** It has to run by then. */
  readonly createdBy: Instant;
  readonly deadlineMs: number;
}

/** As the kubelet behind it says of an image that cannot be had. */
const NO_IMAGE = /ImagePullBackOff|ErrImagePull|InvalidImageName|Failed to pull image/i;

/** EX_TEMPFAIL: it cannot tell for the moment. */
const CANNOT_TELL = 75;

/** `end` is undefined while it is not over. */
export function judgeJob(group: ObservedGroup, times: JobTimes): { runningAt?: Instant; end?: JobEnd } {
  const { at, createdBy, deadlineMs } = times;
  const { containers } = group;
  const ended = (kind: JobEnd['kind'], detail: string, hasLog = false) => ({ end: { at, kind, detail, hasLog } });
  if (containers.length > 0 && containers.every(({ state }) => state === 'Terminated')) {
    const bad = containers.find(({ exitCode }) => exitCode !== 0);
    if (bad !== undefined) return bad.exitCode === undefined ? ended('error', stoppedText(bad)) : exited(bad, ended);
    const stopped = containers.find(isStopped);
    return stopped === undefined ? ended('success', 'exit code 0') : ended('error', stoppedText(stopped));
  }
  const unpulled = unpulledText(group);
  if (unpulled !== undefined) return ended('failure', `its image cannot be pulled: ${unpulled}`);
  if (group.provisioningState === 'Failed')
    return ended('error', `provisioning failed: ${group.warnings.at(-1) ?? 'no reason given'}`);
  const isRunning = containers.some(({ state }) => state === 'Running' || state === 'Terminated');
  const runningAt = times.runningAt ?? (isRunning ? at : undefined);
  if (runningAt === undefined)
    return at < createdBy ? {} : ended('error', `it did not run in time: ${group.provisioningState}`);
  if (at < runningAt + deadlineMs) return { runningAt };
  return { runningAt, ...ended('failure', `not ended within ${deadlineMs / 1000} s`, true) };
}

function exited(
  container: ObservedContainer,
  ended: (kind: 'failure' | 'error', detail: string, hasLog: boolean) => { end: JobEnd },
) {
  const { name, exitCode, detail } = container;
  const more = detail === undefined || detail === '' ? '' : ` (${detail})`;
  const kind = exitCode === CANNOT_TELL ? 'error' : 'failure';
  return ended(kind, `container ${name} ended with exit code ${exitCode}${more}`, true);
}

function isStopped({ detail }: ObservedContainer): boolean {
  return (detail ?? '').includes('stopped per client request');
}

function stoppedText({ name, detail }: ObservedContainer): string {
  return `container ${name} ended with no exit code of its own${detail === undefined ? '' : `: ${detail}`}`;
}

function unpulledText({ provisioningState, containers, warnings }: ObservedGroup): string | undefined {
  const detail = containers.find((container) => NO_IMAGE.test(container.detail ?? ''))?.detail;
  const warning = warnings.findLast((text) => NO_IMAGE.test(text));
  return detail ?? (provisioningState === 'Failed' ? warning : undefined);
}
