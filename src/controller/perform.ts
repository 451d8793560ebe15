/**
 * Does effects: several groups at a time, endpoints one by one (a decision never holds two). What Azure refuses is
 * remembered for the next decision and logged; what became of the rest is seen by looking again.
 */
import type { Azure, EndpointSettings, GroupAddress } from '../azure/azure.ts';
import type { Changer, Fence } from '../azure/caller.ts';
import type { App, JsonObject } from '../model/app.ts';
import { StalledError, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { effectKey, SECRET_UNREADABLE_CODE } from '../rollout/effect.ts';
import type { Effect, EffectOutcome, Refusal } from '../rollout/effect.ts';
import type { ObservedProfile } from '../rollout/observation.ts';
import { endpointNamed } from '../rollout/rotation.ts';
import { isWeighted } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import type { Events } from './events.ts';
import type { RenderGroup, RenderJob } from './ports.ts';
import { templateOf } from './retained.ts';
import { priorityOfEffect } from './priority.ts';

export interface PerformGiven {
  readonly app: App;
  readonly azure: Azure;
  readonly clock: Clock;
  readonly render: RenderGroup;
  readonly renderJob: RenderJob;
  readonly state: Pick<AppState, 'templates' | 'folders'>;
  /** As last seen: an endpoint that was not there is written without another look. */
  readonly profile: ObservedProfile | undefined;
  readonly events: Events;
  /** Asked just before anything is sent. */
  readonly fence: Fence;
  /** Kept by the caller between decisions; in memory only. */
  readonly refusals: Map<string, Refusal>;
}

/** What became of each, in their order. */
export async function perform(
  rollout: Rollout,
  effects: readonly Effect[],
  given: PerformGiven,
): Promise<readonly EffectOutcome[]> {
  return Promise.all(effects.map((effect) => performOne(rollout, effect, given)));
}

async function performOne(rollout: Rollout, effect: Effect, given: PerformGiven): Promise<EffectOutcome> {
  const { events, refusals, clock } = given;
  events.effectIssued(rollout, effect);
  const outcome = await send(rollout, effect, given);
  const key = effectKey(effect);
  switch (outcome.kind) {
    case 'accepted':
      refusals.delete(key);
      return outcome;
    case 'ambiguous':
      events.effectAmbiguous(rollout, effect, outcome.message);
      return outcome;
    case 'refused': {
      const { fault, code, message, retryAfterMs } = outcome;
      refusals.set(key, { at: clock.now(), fault, code, message, retryAfterMs });
      events.effectRefused(rollout, effect, outcome);
      return outcome;
    }
  }
}

async function send(rollout: Rollout, effect: Effect, given: PerformGiven): Promise<EffectOutcome> {
  const { azure, app, fence, profile } = given;
  const changer = { app: app.name, priority: priorityOfEffect(rollout, effect), fence };
  const group = { resourceGroup: rollout.resourceGroup, name: effect.group.name };
  const endpoint = {
    resourceGroup: rollout.traffic?.resourceGroup ?? rollout.resourceGroup,
    profile: rollout.traffic?.profile ?? '',
    name: effect.group.endpoint,
  };
  switch (effect.kind) {
    case 'createGroup':
    case 'createJob':
      return create(rollout, effect, { ...given, group, changer });
    case 'tagGroup':
      return azure.tagGroup(group, effect.tags, changer);
    case 'deleteJob':
    case 'deleteGroup':
      return azure.deleteGroup(group, changer);
    case 'stopGroup':
      return azure.stopGroup(group, changer);
    case 'startGroup':
      return azure.startGroup(group, changer);
    case 'enableEndpoint':
      return azure.enableEndpoint(endpoint, settingsOf(rollout, effect, profile), changer);
    case 'retargetEndpoint':
      return azure.retargetEndpoint(endpoint, { target: effect.target }, changer);
    case 'disableEndpoint':
      return azure.disableEndpoint(endpoint, changer);
    case 'deleteEndpoint':
      return azure.deleteEndpoint(endpoint, changer);
  }
}

/** Weights are written where they count. */
function settingsOf(
  rollout: Rollout,
  { group, target, weight, mapping }: Extract<Effect, { kind: 'enableEndpoint' }>,
  profile: ObservedProfile | undefined,
): EndpointSettings {
  return {
    target,
    ...(isWeighted(rollout) ? { weight: weight ?? rollout.traffic?.weight ?? 1 } : {}),
    location: group.location,
    ...mapping,
    ...(profile === undefined ? {} : { isNew: endpointNamed(profile, group.endpoint) === undefined }),
  };
}

async function create(
  rollout: Rollout,
  effect: Extract<Effect, { kind: 'createGroup' | 'createJob' }>,
  given: PerformGiven & { group: GroupAddress; changer: Changer },
): Promise<EffectOutcome> {
  const { app, render, renderJob, azure, group, changer } = given;
  const { release } = effect.stack;
  const template = templateOf(given.state, app, release);
  if (template === undefined) {
    const message = `template ${app.template.file} has changed since, and the one that ${release.id} was made by is not kept`;
    return { kind: 'refused', fault: 'operator', code: 'TemplateChanged', message, retryAfterMs: undefined };
  }
  let body: JsonObject;
  try {
    const of = { ...app, template };
    body =
      effect.kind === 'createJob'
        ? await renderJob({ app: of, rolloutId: rollout.id, job: effect })
        : await render({ app: of, release, group: effect.group, stackId: effect.stack.id, tags: effect.tags });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof TransientError) {
      const { retryAfterMs } = error;
      return { kind: 'refused', fault: 'world', code: SECRET_UNREADABLE_CODE, message, retryAfterMs };
    }
    const code = error instanceof StalledError ? SECRET_UNREADABLE_CODE : 'CannotRender';
    return { kind: 'refused', fault: 'operator', code, message, retryAfterMs: undefined };
  }
  return azure.createGroup(group, body, changer);
}
