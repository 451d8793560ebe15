/**
 * Jobs: container groups of the check step's own that run to completion. Each is named by its check, so that it is found
 * again after a restart and never started twice; what it came to is counted once, and whatever is over is deleted.
 */
import { isJob } from '../model/check.ts';
import type { JobCheck, Measurement } from '../model/check.ts';
import { jobName, jobStackId, readStackId } from '../model/ownership.ts';
import type { Instant } from '../model/time.ts';
import { countMeasurement, dueAt, judgeTally } from './check-tally.ts';
import { NOT_SENT_CODE, SECRET_UNREADABLE_CODE } from './effect.ts';
import type { Effect, Refusal, StackGroup } from './effect.ts';
import { judgeJob } from './job-end.ts';
import type { JobEnd } from './job-end.ts';
import type { Observation, ObservedGroup, Seen } from './observation.ts';
import { checksOf, currentStep, groupsIn, tallyKey } from './state.ts';
import type { Rollout } from './state.ts';

/** One run of a job. */
export interface JobRun {
  readonly check: string;
  readonly container: string;
  readonly location: string;
  /** When it was first asked for; undefined in another life until the next look. */
  readonly createdAt?: Instant | undefined;
  readonly isSeen: boolean;
  /** When it was first seen running, in this life. */
  readonly runningAt?: Instant | undefined;
  /** Not counted yet: its log is read first. */
  readonly end?: JobEnd | undefined;
  /** It is to go. */
  readonly isOver: boolean;
}

export interface WantedJob {
  readonly check: JobCheck;
  readonly key: string;
  readonly group: StackGroup;
}

/** It exists, and may not be shown yet: neither a fault nor a reason to make it again. */
const TRANSITIONING_CODE = 'ContainerGroupTransitioning';
const MOST_LOGS = 3;
const LONGEST_LOG = 4096;
/** Characters of a log in the detail of a measurement. */
const LONGEST_LOG_LINE = 160;

/** The jobs of the step at hand whose checks have not come to an end. */
export function wantedJobs(rollout: Rollout): readonly WantedJob[] {
  const step = currentStep(rollout);
  const location = step === undefined ? undefined : groupsIn(rollout, step)[0]?.location;
  if (step?.kind !== 'check' || location === undefined) return [];
  return checksOf(rollout, step).flatMap((check) => {
    const key = tallyKey(rollout, check.name);
    if (!isJob(check) || judgeTally(check, rollout.tallies[key]).kind !== 'running') return [];
    const name = jobName(rollout.app, rollout.id, key);
    return [{ check, key, group: { name, location, replica: 0, endpoint: name } }];
  });
}

/** The groups to look at. */
export function jobGroups(rollout: Rollout): readonly string[] {
  const known = Object.keys(rollout.jobs ?? {});
  return [...new Set([...known, ...wantedJobs(rollout).map(({ group }) => group.name)])];
}

/** Those whose log is read next. */
export function jobLogsWanted({
  jobs = {},
}: Rollout): readonly { readonly group: string; readonly container: string }[] {
  return Object.entries(jobs).flatMap(([group, { end, isOver, container }]) =>
    end?.hasLog === true && !isOver ? [{ group, container }] : [],
  );
}

/** To be made now: seen not to be there, and due. */
export function jobsToCreate(rollout: Rollout, { groups }: Observation, now: Instant): readonly Effect[] {
  const step = currentStep(rollout);
  const { candidate } = rollout;
  const phase = step?.phase;
  if (step === undefined || candidate === undefined || phase === undefined) return [];
  const targets = groupsIn(rollout, step).flatMap(({ name }) => rollout.targets[name] ?? []);
  return wantedJobs(rollout).flatMap(({ check, key, group }): Effect[] => {
    const seen = groups.get(group.name);
    const run = rollout.jobs?.[group.name];
    const isRunning = run !== undefined && (run.isSeen || run.isOver || run.end !== undefined);
    if (isRunning || seen?.known !== true || seen.value !== undefined) return [];
    if ((dueAt(check, rollout.tallies[key]) ?? 0) > now) return [];
    return [{ kind: 'createJob', group, check: check.name, source: check.source, stack: candidate, phase, targets }];
  });
}

/** What is over, or belongs to a step that was left, and is there. */
export function jobsToDelete(rollout: Rollout, observation: Observation): readonly Effect[] {
  return Object.entries(rollout.jobs ?? {}).flatMap(([name, { isOver, location }]): Effect[] => {
    const seen = observation.groups.get(name);
    if (!isOver || seen?.known !== true || !isOurs(rollout, seen.value)) return [];
    return [{ kind: 'deleteJob', group: { name, location, replica: 0, endpoint: name } }];
  });
}

/** Remembers what is about to be made: it may be there from now on. */
export function withCreated(rollout: Rollout, effects: readonly Effect[], now: Instant): Rollout {
  const created = effects.flatMap((effect): [string, JobRun][] => {
    if (effect.kind !== 'createJob') return [];
    const { group, check, source } = effect;
    const run = { check, container: source.container, location: group.location, isSeen: false, isOver: false };
    return [[group.name, { ...run, createdAt: rollout.jobs?.[group.name]?.createdAt ?? now }]];
  });
  return created.length === 0 ? rollout : { ...rollout, jobs: { ...rollout.jobs, ...Object.fromEntries(created) } };
}

/** Counts what has ended, and forgets what has gone. */
export function noteJobs(rollout: Rollout, observation: Observation): Rollout {
  const wanted = wantedJobs(rollout);
  const adopted = wanted.filter(({ group }) => isThere(rollout, observation.groups.get(group.name)));
  const fresh = adopted.map(({ check: { name: check, source }, group: { name, location } }): [string, JobRun] => [
    name,
    { check, container: source.container, location, isSeen: true, isOver: false },
  ]);
  const runs = { ...Object.fromEntries(fresh), ...rollout.jobs };
  let next: Rollout = rollout.jobs === undefined && fresh.length === 0 ? rollout : { ...rollout, jobs: {} };
  for (const [name, run] of Object.entries(runs)) {
    const seen = observation.groups.get(name);
    // Seen to be gone.
    if (run.isOver && seen?.known === true && seen.value === undefined) continue;
    const job = wanted.find(({ group }) => group.name === name);
    const noted = job === undefined ? { ...run, isOver: true } : noteRun(rollout, run, { job, seen, observation });
    const log = observation.logs?.get(name);
    const { end } = noted;
    const isKnown = end !== undefined && (!end.hasLog || log !== undefined);
    next = { ...next, jobs: { ...next.jobs, [name]: { ...noted, isOver: noted.isOver || isKnown } } };
    if (job !== undefined && end !== undefined && isKnown && !noted.isOver) next = count(next, job, { end, log });
  }
  return next;
}

function noteRun(
  rollout: Rollout,
  run: JobRun,
  given: { job: WantedJob; seen: Seen<ObservedGroup | undefined> | undefined; observation: Observation },
): JobRun {
  const { job, seen, observation } = given;
  if (run.isOver || run.end !== undefined || seen?.known !== true) return run;
  const { at, value } = seen;
  const createdAt = run.createdAt ?? at;
  const createdBy = createdAt + rollout.settings.deadlines.provisionMs;
  if (value === undefined) {
    const refusal = observation.refusals.get(`createJob ${job.group.name}`);
    return { ...run, createdAt, end: absentEnd(run, { at, createdAt, createdBy, refusal }) };
  }
  if (!isOurs(rollout, value)) {
    const detail = `container group ${job.group.name} exists and is not of this rollout; remove it`;
    return { ...run, createdAt, end: { at, kind: 'error', detail, hasLog: false } };
  }
  const judged = judgeJob(value, { at, runningAt: run.runningAt, createdBy, deadlineMs: job.check.source.deadlineMs });
  return { ...run, ...judged, createdAt, isSeen: true };
}

/** Nothing of it says what becomes of the job. */
function mayPass({ code, fault }: Refusal): boolean {
  return code === SECRET_UNREADABLE_CODE ? fault === 'world' : [NOT_SENT_CODE, TRANSITIONING_CODE].includes(code);
}

/** Refused, vanished, or never made; undefined while it may still come. */
function absentEnd(
  { isSeen }: JobRun,
  given: { at: Instant; createdAt: Instant; createdBy: Instant; refusal: Refusal | undefined },
): JobEnd | undefined {
  const { at, createdAt, createdBy, refusal } = given;
  const ended = (kind: JobEnd['kind'], detail: string): JobEnd => ({ at, kind, detail, hasLog: false });
  if (isSeen) return ended('error', 'its container group has vanished');
  const isTold = refusal !== undefined && !mayPass(refusal);
  if (isTold && refusal.at >= createdAt) {
    const kind = refusal.fault === 'release' ? 'failure' : 'error';
    return ended(kind, `Azure refuses its container group: ${refusal.code}: ${refusal.message}`);
  }
  return at >= createdBy ? ended('error', 'its container group did not come to be in time') : undefined;
}

function count(
  rollout: Rollout,
  { check, key, group }: WantedJob,
  { end, log }: { end: JobEnd; log: Seen<string> | undefined },
): Rollout {
  const text = log?.known === true ? log.value.trimEnd() : '';
  const told =
    text === '' ? '' : `; the end of its log: ${text.slice(-LONGEST_LOG_LINE).replaceAll(/\s*\n\s*/g, ' | ')}`;
  const measurement: Measurement = { at: end.at, kind: end.kind, detail: `${group.name}: ${end.detail}${told}` };
  const tallies = { ...rollout.tallies, [key]: countMeasurement(rollout.tallies[key], measurement) };
  if (text === '') return { ...rollout, tallies };
  const one = { check: check.name, group: group.name, text: text.slice(-LONGEST_LOG) };
  return { ...rollout, tallies, jobLogs: [...(rollout.jobLogs ?? []), one].slice(-MOST_LOGS) };
}

function isThere(rollout: Rollout, seen: Seen<ObservedGroup | undefined> | undefined): boolean {
  return seen?.known === true && isOurs(rollout, seen.value);
}

function isOurs({ id }: Rollout, group: ObservedGroup | undefined): boolean {
  return group !== undefined && readStackId(group.tags) === jobStackId(id);
}
