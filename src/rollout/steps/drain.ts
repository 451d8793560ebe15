/**
 * Drain: clients may hold the old answer for the TTL, and open connections get the drain time. The clock runs from when
 * Traffic Manager's own name servers were seen without the old targets; where they cannot tell, from the observed removal,
 * and the margin is added. It runs anew if the removal is undone.
 */
import { unconfirmed } from '../confirmation.ts';
import { emptyingOf } from '../drain-until.ts';
import type { StackGroup } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { drainedAt, drainWaitMs } from '../drained.ts';
import { stepsInForce } from '../state.ts';
import type { Rollout } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';
import { profileOf } from './profile.ts';
import { takeOutAgain } from './take-out-again.ts';

export const drain: StepLogic = {
  judge(scene) {
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return { ...profile, kind: 'waiting', effects: [], isPatient: true };
    const { rollout, groups, now } = scene;
    const unseen = unseenIn(scene);
    if (unseen.length > 0)
      return patiently(`where ${unseen.join(', ')} can be reached is not known, so nobody can tell what leads there`);
    const back = takeOutAgain(scene, profile);
    if (back !== undefined) return back;
    const until = drainedAt(rollout, groups);
    if (until === undefined) return waiting('waiting for the removal to be seen');
    const open = unconfirmed(rollout, exposedOf(scene));
    if (open.length > 0 && scene.observation.names === undefined)
      return patiently(`asking the name servers of ${profile.fqdn}`);
    if (now >= until) return waitForEmpty(scene) ?? { kind: 'done' };
    const asking = waitForNames(scene, profile, open);
    if (asking !== undefined) return asking;
    const { propagationMarginMs, drainMs } = rollout.settings;
    const isConfirmed = exposedOf(scene).length > 0 && unconfirmed(rollout, exposedOf(scene)).length === 0;
    const margin =
      isConfirmed && rollout.traffic?.confirmRemoval !== false ? '' : `${propagationMarginMs / 1000} s margin, `;
    return waiting(
      `waiting for DNS TTL of ${rollout.maxTtlSeconds} s (+ ${margin}${drainMs / 1000} s drain) on ${profile.fqdn} until ${isoTime(until)}, then ${count(groups.length, 'group')} ${groups.length === 1 ? 'is' : 'are'} ${whatNext(scene)}${whyMargin(scene)}`,
      [],
      until,
    );
  },
  /** It ends by itself, unless somebody enables an endpoint again, or a name server goes on answering with it. */
  deadlineMs,
  undo: () => [],
  overdueFault: () => 'world',
};

function deadlineMs(rollout: Rollout): number {
  const { deadlines, drainUntil } = rollout.settings;
  return drainWaitMs(rollout) + (drainUntil?.maxMs ?? 0) + deadlines.onlineMs;
}

/** As of a stack that was found after a loss of state: an endpoint of somebody else is known by its target alone. */
function unseenIn({ rollout, groups, observation }: Scene): readonly string[] {
  const isKnown = (name: string) => rollout.targets[name] !== undefined || observation.groups.get(name)?.known === true;
  return groups.map(({ name }) => name).filter((name) => !isKnown(name));
}

/** After the drain time, which is the least: undefined where no traffic is left, or the most is over. */
function waitForEmpty({ rollout, step, groups, now }: Scene): Verdict | undefined {
  const emptying = emptyingOf(rollout, step);
  if (emptying === undefined) return undefined;
  const { until, inRow, last, check } = emptying;
  if (now >= until || inRow >= check.count) return undefined;
  const what = `waiting until ${groups.length === 1 ? 'the old group has' : `${groups.length} old groups have`} no traffic left`;
  const told = last === undefined ? '' : `, last: ${last.detail}`;
  return waiting(
    `${what}, ${inRow} of ${check.count} times in a row${told}; until ${isoTime(until)} at the latest`,
    [],
    until,
  );
}

function exposedOf({ rollout, groups }: Scene) {
  return groups.filter(({ name }) => rollout.exposed.includes(name));
}

/** While the name servers are asked, and do not yet say that all is gone; undefined where they do, or cannot tell. */
function waitForNames(scene: Scene, { fqdn }: ObservedProfile, open: readonly StackGroup[]): Verdict | undefined {
  const { rollout, observation } = scene;
  const { names } = observation;
  const answered = open.filter(({ name }) => rollout.confirmations?.[name]?.at === names?.at);
  if (answered.length === 0) return undefined;
  const shown = answered.filter(({ name }) => rollout.confirmations?.[name]?.shownAt === names?.at);
  if (shown.length === 0)
    return patiently(
      `asking the name servers of ${fqdn} often enough to know that ${count(open.length, 'old target')} ${open.length === 1 ? 'is' : 'are'} gone`,
    );
  const targets = shown.map(({ name }) => rollout.targets[name]).join(', ');
  const waitingOn = `waiting for the name servers of ${fqdn} to learn of the removal: they still answer with ${targets}`;
  // After a restart the removal was seen anew, and the deadline may be long past.
  const overdueAt = Math.max(...shown.map(({ name }) => rollout.removedAt[name] ?? 0)) + deadlineMs(rollout);
  return scene.now < overdueAt ? patiently(waitingOn) : waiting(waitingOn);
}

/** It ends by itself: no deadline counts. */
function patiently(waitingOn: string): Verdict {
  return { ...waiting(waitingOn), isPatient: true };
}

/** For people: why the margin counts although the name servers are to be asked. */
function whyMargin({ observation: { names } }: Scene): string {
  return names?.known === false ? `; the margin counts, since ${names.reason}` : '';
}

/** For people: what becomes of the groups. */
function whatNext({ rollout, side }: Scene): 'deleted' | 'stopped' | 'kept' {
  const later = stepsInForce(rollout).slice(rollout.cursor + 1);
  const next = later.find((step) => step.side === side && (step.kind === 'retire' || step.kind === 'stop'));
  if (next === undefined) return 'kept';
  return next.kind === 'stop' ? 'stopped' : 'deleted';
}

/** `12:03:10Z` of an instant: by arithmetic, since pure code has no Date. */
export function isoTime(at: number): string {
  const seconds = Math.ceil(at / 1000) % 86_400;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}Z`;
}
