/**
 * Looks at what a rollout needs to see: its groups, its profile, and direct probes where one is due. When each is looked at is
 * decided in lookout.ts. Whatever fails comes back as unknown.
 */
import type { Azure } from '../azure/azure.ts';
import type { Caller } from '../azure/caller.ts';
import { SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { Measurement } from '../model/check.ts';
import type { Watch, WatchedCheck } from '../rollout/watching.ts';
import type { Refusal } from '../rollout/effect.ts';
import type { Observation, ObservedGroup, ProbeResult, Seen, Vote } from '../rollout/observation.ts';
import { currentStep, groupsIn } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import { capture } from './capture.ts';
import { lookAtProfile } from './look-at-profile.ts';
import type { Measure } from './ports.ts';
import { priorityOfRollout } from './priority.ts';

export interface ObserveGiven {
  readonly azure: Azure;
  readonly clock: Clock;
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly measure: Measure;
  /** Takes the secrets of the candidate out of a text. */
  readonly mask: (text: string) => Promise<string>;
  /** For this rollout. */
  readonly votes: readonly Vote[];
}

const JUST_STARTED_MS = 10 * SECOND;
/** Of a job that has failed. */
const LOG_LINES = 50;

type KnownGroups = ReadonlyMap<string, { readonly seen: Seen<ObservedGroup | undefined> }>;
type KnownList = Extract<Seen<readonly ObservedGroup[]>, { known: true }>;

/** What is measured without Azure's management. */
export interface FreeLooks {
  readonly probes: ReadonlyMap<string, ProbeResult>;
  readonly checks: ReadonlyMap<string, Measurement>;
}

export async function lookFreely(rollout: Rollout, watch: Watch, given: ObserveGiven): Promise<FreeLooks> {
  const { azure, clock } = given;
  const isStarting = currentStep(rollout)?.kind === 'provision';
  const probes = (isStarting ? startingGroups(rollout) : watch.probes)
    .filter((name) => probeDueAt(rollout, name) <= clock.now())
    .map((name) => probeGroup(rollout, name, azure));
  const checks = watch.checks.filter(({ dueAt }) => dueAt <= clock.now()).map((one) => measureOne(rollout, one, given));
  const [probed, measured] = await Promise.all([Promise.all(probes), Promise.all(checks)]);
  const results = probed.flatMap((one) => (one === undefined ? [] : [one]));
  // What does not answer yet has not failed.
  const told = results.filter(([name, { ok }]) => !isStarting || ok || rollout.proofs[name] !== undefined);
  return { probes: new Map(told), checks: new Map(measured) };
}

/** Those that do not run yet, as far as it was seen: that they answer shows sooner than any look when they do. */
function startingGroups(rollout: Rollout): readonly string[] {
  const step = currentStep(rollout);
  if (step === undefined || rollout.backPlan !== undefined || rollout.traffic === undefined) return [];
  const names = groupsIn(rollout, step).map(({ name }) => name);
  return names.filter((name) => rollout.proofs[name]?.verifiedAt === undefined);
}

export async function lookAtWorld(
  rollout: Rollout,
  watch: Pick<Watch, 'profile' | 'logs' | 'evidence'>,
  given: ObserveGiven,
): Promise<Pick<Observation, 'profile' | 'logs' | 'evidence'>> {
  const { azure } = given;
  const { traffic } = rollout;
  const caller = callerOf(rollout);
  const logs = watch.logs.map(({ group, container }) =>
    readJobLog(rollout, { group, container }, { ...given, caller }),
  );
  const [profile, read, evidence] = await Promise.all([
    traffic === undefined || !watch.profile ? undefined : lookAtProfile(azure, traffic, caller),
    Promise.all(logs),
    watch.evidence ? capture(rollout, { ...given, caller }) : undefined,
  ]);
  return { profile, logs: new Map(read), evidence };
}

/** One list for several groups where it tells what is asked, and a look at each where not. */
export async function lookAtGroups(
  rollout: Rollout,
  names: readonly string[],
  { azure, known }: Pick<ObserveGiven, 'azure'> & { readonly known: KnownGroups },
): Promise<ReadonlyMap<string, Seen<ObservedGroup | undefined>>> {
  const { resourceGroup } = rollout;
  const caller = callerOf(rollout);
  const list = names.length > 1 && isListed(rollout) ? await azure.listGroups(resourceGroup, caller) : undefined;
  const looks = names.map(async (name): Promise<[string, Seen<ObservedGroup | undefined>]> => [
    name,
    (list?.known === true ? seenInList(rollout, name, { list, before: known.get(name)?.seen }) : undefined) ??
      (await azure.getGroup({ resourceGroup, name }, caller)),
  ]);
  return new Map(await Promise.all(looks));
}

function callerOf(rollout: Rollout): Caller {
  return { app: rollout.app, priority: priorityOfRollout(rollout) };
}

/** Lists show no containers: where all groups should run, or fail and may have crashed, each is looked at. */
function isListed(rollout: Rollout): boolean {
  const step = currentStep(rollout);
  if (rollout.backPlan !== undefined || rollout.traffic === undefined || step === undefined) return false;
  if (step.kind === 'retire') return true;
  return step.kind === 'provision' && !groupsIn(rollout, step).every(({ name }) => hasShown(rollout, name));
}

/** Nothing more comes of waiting for its answers. */
function hasShown({ probe, proofs }: Rollout, name: string): boolean {
  const proof = proofs[name];
  if (proof === undefined) return false;
  return probe === undefined || proof.verifiedAt !== undefined || proof.failures > 0;
}

/** Undefined where the list does not tell: it may be old, or lack a group. */
function seenInList(
  rollout: Rollout,
  name: string,
  { list, before }: { readonly list: KnownList; readonly before: Seen<ObservedGroup | undefined> | undefined },
): Seen<ObservedGroup | undefined> | undefined {
  const found = list.value.find((one) => one.name.toLowerCase() === name.toLowerCase());
  const seen = { known: true as const, at: list.at, value: found };
  const step = currentStep(rollout);
  const isOfStep = step !== undefined && groupsIn(rollout, step).some((group) => group.name === name);
  // Of the others only where they are to be found is asked.
  if (!isOfStep) return found === undefined ? undefined : seen;
  if (step?.kind === 'retire')
    return found !== undefined || rollout.attempts[`deleteGroup ${name}`] !== undefined ? seen : undefined;
  if (found === undefined) return isNew(rollout, list.at) ? seen : undefined;
  if (found.provisioningState === 'Failed') return undefined;
  const mayAnswer = rollout.probe !== undefined && rollout.traffic !== undefined && rollout.targets[name] !== undefined;
  const wasMade = before?.known === true && before.value?.provisioningState === 'Succeeded';
  // One that was made, and does not answer for a while, is looked at.
  const isToBeSeen = rollout.proofs[name] === undefined && (wasMade || !mayAnswer);
  return found.provisioningState === 'Succeeded' && isToBeSeen ? undefined : seen;
}

/** Its groups have names that nobody had before, and none was asked for yet. */
function isNew({ startedAt, attempts }: Rollout, now: Instant): boolean {
  return now < startedAt + JUST_STARTED_MS && Object.keys(attempts).length === 0;
}

function probeDueAt(rollout: Rollout, name: string): Instant {
  const probedAt = rollout.proofs[name]?.probedAt;
  return probedAt === undefined || rollout.probe === undefined ? 0 : probedAt + rollout.probe.intervalMs;
}

async function measureOne(
  rollout: Rollout,
  { key, check, phase, of }: WatchedCheck,
  { measure }: ObserveGiven,
): Promise<[string, Measurement]> {
  const groups = of ?? (rollout.candidate?.groups ?? []).map(({ name }) => name);
  const targets = groups.flatMap((name) => rollout.targets[name] ?? []);
  const release = rollout.candidate?.release.id ?? '';
  return [key, await measure(check, { app: rollout.app, rollout: rollout.id, release, phase, targets, groups })];
}

async function probeGroup(rollout: Rollout, name: string, azure: Azure): Promise<[string, ProbeResult] | undefined> {
  const target = rollout.targets[name];
  if (target === undefined || rollout.probe === undefined) return undefined;
  return [name, await azure.probe(target, rollout.probe)];
}

async function readJobLog(
  { resourceGroup }: Rollout,
  { group, container }: { group: string; container: string },
  { azure, mask, caller }: ObserveGiven & { caller: Caller },
): Promise<[string, Seen<string>]> {
  const seen = await azure.logs({ resourceGroup, name: group }, container, { lines: LOG_LINES }, caller);
  return [group, seen.known ? { ...seen, value: await mask(seen.value) } : seen];
}
