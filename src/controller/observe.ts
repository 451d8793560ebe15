/**
 * Looks at what a rollout needs to see: single GETs of its groups, its profile, and direct probes where one is due.
 * Whatever fails comes back as unknown.
 */
import type { Azure } from '../azure/azure.ts';
import type { Caller } from '../azure/caller.ts';
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { Measurement } from '../model/check.ts';
import { watching } from '../rollout/decide.ts';
import type { WatchedCheck } from '../rollout/decide.ts';
import type { Refusal } from '../rollout/effect.ts';
import type { Observation, ObservedGroup, ProbeResult, Seen, Vote } from '../rollout/observation.ts';
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

/** Of a job that has failed. */
const LOG_LINES = 50;

export async function observe(rollout: Rollout, given: ObserveGiven): Promise<Observation> {
  const watch = watching(rollout);
  const { azure, clock } = given;
  const { traffic, resourceGroup } = rollout;
  const caller = { app: rollout.app, priority: priorityOfRollout(rollout) };
  const looks = watch.groups.map(async (name): Promise<[string, Seen<ObservedGroup | undefined>]> => [
    name,
    await azure.getGroup({ resourceGroup, name }, caller),
  ]);
  const probes = watch.probes
    .filter((name) => probeDueAt(rollout, name) <= clock.now())
    .map((name) => probeGroup(rollout, name, azure));
  const profile = traffic === undefined || !watch.profile ? undefined : lookAtProfile(azure, traffic, caller);
  const names = profile === undefined || watch.nameAsks === 0 ? undefined : askNames(profile, watch.nameAsks, azure);
  const checks = watch.checks.filter(({ dueAt }) => dueAt <= clock.now()).map((one) => measureOne(rollout, one, given));
  const logs = watch.logs.map(({ group, container }) =>
    readJobLog(rollout, { group, container }, { ...given, caller }),
  );
  const [groups, probed, seenProfile, seenNames, measured, read, evidence] = await Promise.all([
    Promise.all(looks),
    Promise.all(probes),
    profile,
    names,
    Promise.all(checks),
    Promise.all(logs),
    watch.evidence ? capture(rollout, { ...given, caller }) : undefined,
  ]);
  return {
    groups: new Map(groups),
    profile: seenProfile,
    names: seenNames,
    probes: new Map(probed.flatMap((one) => (one === undefined ? [] : [one]))),
    checks: new Map(measured),
    logs: new Map(read),
    evidence,
    refusals: given.refusals,
    votes: given.votes,
  };
}

/** After the look at the profile, which has the name, and may be the first that sees a removal. */
async function askNames(
  profile: ReturnType<Azure['getProfile']>,
  times: number,
  azure: Azure,
): Promise<Seen<NameAnswers> | undefined> {
  const seen = await profile;
  return seen.known && seen.value !== undefined ? azure.nameAnswers(seen.value.fqdn, times) : undefined;
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
