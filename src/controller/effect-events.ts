/** Events of single effects, as they are asked for and answered. */
import type { Effect, EffectOutcome } from '../rollout/effect.ts';
import type { Rollout } from '../rollout/state.ts';
import type { EventLog } from './event-log.ts';
import { fieldsOf } from './event-words.ts';

export function effectEvents(log: EventLog) {
  return {
    effectIssued(rollout: Rollout, effect: Effect) {
      log.info({ event: 'effect.issued', ...effectFields(rollout, effect) }, `${rollout.app}: ${describe(effect)}`);
    },
    effectRefused(rollout: Rollout, effect: Effect, outcome: Extract<EffectOutcome, { kind: 'refused' }>) {
      const { fault, code, message, retryAfterMs } = outcome;
      const fields = {
        event: 'effect.refused',
        ...effectFields(rollout, effect),
        fault,
        code,
        reason: message,
        retryAfterMs,
      };
      log.warn(fields, `${rollout.app}: ${describe(effect)} was refused: ${code}: ${message}`);
    },
    effectAmbiguous(rollout: Rollout, effect: Effect, message: string) {
      const fields = { event: 'effect.ambiguous', ...effectFields(rollout, effect), reason: message };
      log.warn(fields, `${rollout.app}: ${describe(effect)}: no clear answer, looking before trying again: ${message}`);
    },
  };
}

function effectFields(rollout: Rollout, effect: Effect) {
  const { name, endpoint, location } = effect.group;
  return { ...fieldsOf(rollout), effect: effect.kind, group: name, endpoint, location };
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case 'createGroup':
      return `creating group ${effect.group.name} in ${effect.group.location}`;
    case 'createJob':
      return `creating job ${effect.group.name} of check ${effect.check} in ${effect.group.location}`;
    case 'tagGroup':
      return `tagging group ${effect.group.name}`;
    case 'deleteJob':
      return `deleting job ${effect.group.name}`;
    case 'deleteGroup':
      return `deleting group ${effect.group.name}`;
    case 'stopGroup':
      return `stopping group ${effect.group.name}`;
    case 'startGroup':
      return `starting group ${effect.group.name}`;
    case 'enableEndpoint':
      return `adding endpoint ${effect.group.endpoint} → ${effect.target}`;
    case 'retargetEndpoint':
      return `leading endpoint ${effect.group.endpoint} to ${effect.target}`;
    case 'disableEndpoint':
      return `disabling endpoint ${effect.group.endpoint}`;
    case 'deleteEndpoint':
      return `deleting endpoint ${effect.group.endpoint}`;
  }
}
