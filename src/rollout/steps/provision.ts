/**
 * Provision: every group of the stack exists and all its containers run; one that is stopped is started. A group whose
 * provisioning failed is taken away and made anew, with a growing pause, until the deadline: capacity and quota are the
 * region's, not the release's.
 */
import { readStackId } from '../../model/ownership.ts';
import { due, refusalOf } from '../attempt.ts';
import { effectKey } from '../effect.ts';
import type { Effect, StackGroup } from '../effect.ts';
import { healthOf } from '../health.ts';
import { tagsAs } from '../role-tags.ts';
import { enabledTowards, endpointOf } from '../rotation.ts';
import { drainedAt } from '../drained.ts';
import { isOld } from '../state.ts';
import type { Rollout } from '../state.ts';
import { hasNoRoom, neverFits } from '../never-fits.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';
import { profileOf } from './profile.ts';

/** Codes of refusals that every further try meets as well: the template that is asked for is gone. */
const HOPELESS = new Set(['TemplateChanged']);
/** A registry's replica nearest to the group may not have a fresh image yet: so many refusals are forgiven. */
const FORGIVEN_IMAGE_REFUSALS = 3;
/** A region may have no room for a moment only: the rollback to a kept stack goes back after so many refused starts. */
const FORGIVEN_STARTS = 3;

type Look =
  | { readonly kind: 'ready' }
  | { readonly kind: 'wait'; readonly detail: string; readonly effect?: Effect | undefined }
  | { readonly kind: 'broken'; readonly verdict: Verdict };

export const provision: StepLogic = {
  judge(scene) {
    const { groups } = scene;
    const looks = groups.map((group) => ({ group, look: lookAt(scene, group) }));
    const broken = looks.map(({ look }) => look).find((look) => look.kind === 'broken');
    if (broken?.kind === 'broken') return broken.verdict;
    const open = looks.filter(({ look }) => look.kind === 'wait');
    if (open.length === 0) return { kind: 'done' };
    const effects = open.flatMap(({ look }) =>
      look.kind === 'wait' && look.effect !== undefined ? [look.effect] : [],
    );
    const details = open.map(({ group, look }) => `${group.name}: ${look.kind === 'wait' ? look.detail : ''}`);
    const ready = groups.length - open.length;
    const waitingOn = `waiting for ${count(groups.length, 'group')} to run, ${ready} ready (${details.join('; ')})`;
    return { ...waiting(waitingOn, onlyOneEndpoint(due(scene.rollout, effects, scene))), progress: ready };
  },
  deadlineMs: (rollout: Rollout) => rollout.settings.deadlines.provisionMs,
  undo: ({ side, part, only }) => [{ kind: 'retire', side, part, only }],
  overdueFault: () => 'world',
};

function lookAt(scene: Scene, group: StackGroup): Look {
  const stack = scene.rollout[scene.side];
  const seen = scene.observation.groups.get(group.name);
  if (stack === undefined || seen === undefined) return { kind: 'wait', detail: 'not seen yet' };
  if (!seen.known) return { kind: 'wait', detail: `cannot be seen: ${seen.reason}` };
  if (seen.value === undefined) {
    const { tags } = scene.rollout.settings;
    const own = tags === undefined ? {} : { tags: tagsAs(scene.side, tags) };
    return lookAtAbsent(scene, { kind: 'createGroup', group, stack, ...own });
  }
  if (readStackId(seen.value.tags) !== stack.id) {
    const reason = `container group ${group.name} exists and is not of this rollout: it is left alone; remove or rename it`;
    return { kind: 'broken', verdict: { kind: 'broken', fault: 'operator', reason } };
  }
  const health = healthOf(seen.value, { isOld: isOld(scene.rollout, group.name) });
  switch (health.kind) {
    case 'running':
      if (scene.rollout.traffic === undefined || scene.rollout.targets[group.name] !== undefined)
        return { kind: 'ready' };
      return { kind: 'wait', detail: 'has no DNS name yet' };
    case 'starting':
      return { kind: 'wait', detail: health.detail };
    case 'crashed':
      return {
        kind: 'broken',
        verdict: { kind: 'broken', fault: 'release', reason: `${group.name}: ${health.detail}` },
      };
    case 'stopped':
      return lookAtStopped(scene, { kind: 'startGroup', group });
    case 'failed':
      if (isKept(scene)) return cannotStart(group, health.detail);
      return { kind: 'wait', detail: `${health.detail}; making it anew`, effect: takeAway(scene, group) };
  }
}

/** Back from being kept, it is started and not made: what has no room for it now sends the rollback back. */
function isKept({ rollout, side }: Scene): boolean {
  return rollout.kept !== undefined && side === 'candidate';
}

function cannotStart(group: StackGroup, why: string): Look {
  const reason = `container group ${group.name} was kept, and cannot be started: ${why}`;
  return { kind: 'broken', verdict: { kind: 'broken', fault: 'world', reason } };
}

function lookAtStopped(scene: Scene, effect: Effect): Look {
  const refusal = refusalOf(scene.rollout, effect, scene.observation);
  if (refusal === undefined) return { kind: 'wait', detail: 'being started', effect };
  const why = `${refusal.code}: ${refusal.message}`;
  const tries = triesOf(scene, effect);
  if (isKept(scene) && hasNoRoom(refusal) && tries >= FORGIVEN_STARTS) return cannotStart(effect.group, why);
  return { kind: 'wait', detail: `its start is refused (${why}), trying again`, effect };
}

/** What was in rotation before, as a live group on the way back, goes like any other: drained, its endpoint first. */
function takeAway(scene: Scene, group: StackGroup): Effect | undefined {
  const { rollout, now } = scene;
  if (rollout.traffic === undefined || !rollout.exposed.includes(group.name)) return { kind: 'deleteGroup', group };
  const profile = profileOf(scene);
  const until = drainedAt(rollout, [group]);
  if ('waitingOn' in profile || until === undefined || now < until) return undefined;
  if (enabledTowards(profile, group, rollout.targets[group.name]) !== undefined) return undefined;
  const isForgotten = endpointOf(profile, group) === undefined;
  return { kind: isForgotten ? 'deleteGroup' : 'deleteEndpoint', group };
}

function onlyOneEndpoint(effects: readonly Effect[]): readonly Effect[] {
  const first = effects.find(({ kind }) => kind === 'deleteEndpoint');
  return effects.filter((effect) => effect.kind !== 'deleteEndpoint' || effect === first);
}

function triesOf({ rollout }: Scene, effect: Effect): number {
  return rollout.attempts[effectKey(effect)]?.count ?? 0;
}

function lookAtAbsent(scene: Scene, effect: Effect): Look {
  const refusal = refusalOf(scene.rollout, effect, scene.observation);
  if (refusal === undefined) return { kind: 'wait', detail: 'being created', effect };
  const forgiven = refusal.code === 'InaccessibleImage' && triesOf(scene, effect) <= FORGIVEN_IMAGE_REFUSALS;
  if (refusal.fault === 'release' && !forgiven) {
    const reason = `Azure refuses container group ${effect.group.name}: ${refusal.code}: ${refusal.message}`;
    return { kind: 'broken', verdict: { kind: 'broken', fault: 'release', reason } };
  }
  if (neverFits(refusal) || HOPELESS.has(refusal.code)) {
    const reason = `container group ${effect.group.name} can never be made so: ${refusal.code}: ${refusal.message}`;
    return { kind: 'broken', verdict: { kind: 'broken', fault: 'operator', reason } };
  }
  return { kind: 'wait', detail: `refused (${refusal.code}: ${refusal.message}), trying again`, effect };
}
