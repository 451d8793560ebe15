/**
 * What is remembered of an observation: targets, the largest TTL, when each removal was seen, and the proofs that the
 * candidate's groups have given. Everything else is looked at again.
 */
import { readRoutingMethod, targetOf } from '../model/routing.ts';
import { SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { StackGroup } from './effect.ts';
import { countMeasurement } from './check-tally.ts';
import { withProbe } from './evidence.ts';
import { noteNames, seenHandedOut, shareOf } from './confirmation.ts';
import { healthOf } from './health.ts';
import type { Health } from './health.ts';
import { noteJobs } from './job.ts';
import type { Observation, ObservedGroup, ProbeResult, Seen } from './observation.ts';
import { enabledTowards, endpointOf } from './rotation.ts';
import { noteOnline } from './online-streak.ts';
import { noteSpans } from './spans.ts';
import { currentStep, groupsIn, groupsOf, isOld } from './state.ts';
import type { Proof, Rollout, StepKind } from './state.ts';
import { noteUnsettled } from './unsettled.ts';

/** Without a probe, a group is verified when it has run this long with no restart. */
const STABLE_MS = 30 * SECOND;
/** Steps in which groups prove themselves, or have to stand by their proof. */
export const PROVING: ReadonlySet<StepKind> = new Set([
  'provision',
  'verify',
  'check',
  'gate',
  'weigh',
  'swap',
  'bake',
]);
/**
 * An endpoint that is gone may have been enabled by somebody since it was last seen out of rotation: Traffic Manager has
 * no ETags, so a deletion cannot ask for what was seen. Where that look is older than this, the drain begins anew.
 */
const LONGEST_UNSEEN_MS = 10 * SECOND;

export function note(rollout: Rollout, observation: Observation): Rollout {
  const withSpans =
    observation.asBefore?.groups === true ? rollout : noteUnsettled(noteSpans(rollout, observation), observation);
  const withTargets = noteTargets(noteRouting(withSpans, observation), observation);
  const withProfile = noteOnline(noteProfile(withTargets, observation), observation);
  const step = currentStep(rollout);
  const withNames = noteNames(withProfile, observation);
  const withTallies = noteJobs(noteTallies(noteEvidence(withNames, observation), observation), observation);
  return step !== undefined && PROVING.has(step.kind)
    ? noteProofs(withTallies, groupsIn(rollout, step), observation)
    : withTallies;
}

function noteEvidence(rollout: Rollout, { evidence, probes }: Observation): Rollout {
  const seen = rollout.evidence ?? evidence;
  const kept = seen === undefined ? rollout : { ...rollout, evidence: seen };
  if (probes.size === 0) return kept;
  const transcripts = { ...rollout.transcripts };
  const groups = groupsOf(rollout, 'candidate').length;
  for (const [name, probe] of probes) transcripts[name] = withProbe(transcripts[name] ?? [], probe, groups);
  return { ...kept, transcripts };
}

function allGroups(rollout: Rollout): readonly StackGroup[] {
  return [...groupsOf(rollout, 'live'), ...groupsOf(rollout, 'candidate')];
}

/** Once: what is made of it is fixed when the rollout starts. */
function noteRouting(rollout: Rollout, { profile }: Observation): Rollout {
  if (rollout.routing !== undefined || profile?.known !== true || profile.value === undefined) return rollout;
  return { ...rollout, routing: readRoutingMethod(profile.value.routingMethod) };
}

function noteTargets(rollout: Rollout, observation: Observation): Rollout {
  const targets = { ...rollout.targets };
  for (const group of allGroups(rollout)) {
    const seen = observation.groups.get(group.name);
    const value = seen?.known === true ? seen.value : undefined;
    const target =
      value === undefined ? undefined : (group.adopted?.target ?? targetOf(rollout.routing, value) ?? value.ip);
    if (target !== undefined) targets[group.name] = target;
  }
  return { ...rollout, targets };
}

function noteProfile(rollout: Rollout, observation: Observation): Rollout {
  const seen = observation.profile;
  if (observation.asBefore?.profile === true) return rollout;
  if (seen?.known !== true || seen.value === undefined) return rollout;
  const removedAt = { ...rollout.removedAt };
  const seenOutAt = { ...rollout.seenOutAt };
  const confirmations = { ...rollout.confirmations };
  const handedOut = { ...rollout.handedOut };
  for (const group of allGroups(rollout)) {
    const { name } = group;
    const outAt = seenOutAt[name];
    delete seenOutAt[name];
    const towards = enabledTowards(seen.value, group, rollout.targets[name]);
    const wasOut = removedAt[name] !== undefined;
    if (towards !== undefined) {
      delete removedAt[name];
      delete confirmations[name];
      // Again in rotation: what the name servers know of it begins anew, too.
      const before = wasOut ? undefined : handedOut[name];
      const next = seenHandedOut(before, shareOf(seen.value, towards), seen.at);
      if (next === undefined) delete handedOut[name];
      else handedOut[name] = next;
    } else if (rollout.exposed.includes(name)) {
      const isThere = endpointOf(seen.value, group) !== undefined;
      if (isThere) seenOutAt[name] = seen.askedAt ?? seen.at;
      const wasUnseen = !isThere && outAt !== undefined && seen.at - outAt > LONGEST_UNSEEN_MS;
      if (wasUnseen) delete confirmations[name];
      removedAt[name] = wasUnseen ? seen.at : (removedAt[name] ?? seen.at);
    }
  }
  const maxTtlSeconds = Math.max(rollout.maxTtlSeconds, seen.value.ttlSeconds);
  return { ...rollout, removedAt, seenOutAt, confirmations, handedOut, maxTtlSeconds };
}

function noteTallies(rollout: Rollout, { checks }: Observation): Rollout {
  if (checks === undefined || checks.size === 0) return rollout;
  const tallies = { ...rollout.tallies };
  for (const [key, measurement] of checks) tallies[key] = countMeasurement(tallies[key], measurement);
  return { ...rollout, tallies };
}

function noteProofs(rollout: Rollout, groups: readonly StackGroup[], observation: Observation): Rollout {
  const proofs = { ...rollout.proofs };
  for (const group of groups) {
    const proof =
      observation.asBefore?.groups === true
        ? goOnByProbe(proofs[group.name], rollout, observation.probes.get(group.name))
        : lookAtProof(proofs[group.name], observation.groups.get(group.name), { isOld: isOld(rollout, group.name) });
    if (proof === 'unknown') continue;
    if (proof === undefined) delete proofs[group.name];
    else
      proofs[group.name] =
        rollout.probe === undefined
          ? proveStable(proof, observation.groups.get(group.name)?.at ?? 0)
          : proveProbe(proof, rollout, observation.probes.get(group.name));
  }
  return { ...rollout, proofs };
}

/**
 * Between two looks at a group its own answers count: one that answers runs. Whether it has restarted meanwhile shows at the
 * next look, without which no step goes on.
 */
function goOnByProbe(
  proof: Proof | undefined,
  { probe }: Rollout,
  result: ProbeResult | undefined,
): Proof | undefined | 'unknown' {
  if (probe === undefined || result === undefined) return 'unknown';
  if (proof !== undefined) return proof;
  return result.ok ? freshProof(result.at, 0) : 'unknown';
}

function lookAtProof(
  proof: Proof | undefined,
  seen: Seen<ObservedGroup | undefined> | undefined,
  age: { readonly isOld: boolean },
) {
  if (seen?.known !== true || seen.value === undefined) return 'unknown';
  // A list shows no containers: it tells nothing of a group that was made.
  if (seen.value.state === undefined && seen.value.provisioningState === 'Succeeded') return 'unknown';
  return proveRunning(proof, healthOf(seen.value, age), seen.at);
}

function proveRunning(proof: Proof | undefined, health: Health, at: number): Proof | undefined {
  if (health.kind !== 'running') return undefined;
  if (proof !== undefined && proof.restarts === health.restarts) return proof;
  return freshProof(at, health.restarts);
}

function freshProof(runningSince: Instant, restarts: number): Proof {
  return {
    runningSince,
    restarts,
    probedAt: undefined,
    successes: 0,
    failures: 0,
    lastDetail: '',
    verifiedAt: undefined,
  };
}

function proveStable(proof: Proof, at: number): Proof {
  if (proof.runningSince === undefined || at - proof.runningSince < STABLE_MS) return proof;
  return { ...proof, verifiedAt: proof.verifiedAt ?? at };
}

function proveProbe(proof: Proof, rollout: Rollout, result: ProbeResult | undefined): Proof {
  if (result === undefined || result.at <= (proof.probedAt ?? 0) || result.inconclusive === true) return proof;
  if (result.at < (proof.runningSince ?? 0)) return proof;
  const successes = result.ok ? proof.successes + 1 : 0;
  // A failure counts only once the group has had its grace.
  const isInGrace = result.at < (proof.runningSince ?? 0) + (rollout.probe?.graceMs ?? 0);
  const failures = result.ok || isInGrace ? 0 : proof.failures + 1;
  const isVerified = rollout.probe !== undefined && successes >= rollout.probe.successes;
  return {
    ...proof,
    probedAt: result.at,
    successes,
    failures,
    lastDetail: result.detail,
    verifiedAt: isVerified ? (proof.verifiedAt ?? result.at) : undefined,
  };
}
