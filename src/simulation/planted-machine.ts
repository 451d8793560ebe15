/** Faults planted in what is decided: each gives a machine that is wrong in one way. */
import { MACHINE } from '../controller/machine.ts';
import type { Machine } from '../controller/machine.ts';
import { countAttempts } from '../rollout/attempt.ts';
import type { Decision } from '../rollout/decide.ts';
import type { Effect } from '../rollout/effect.ts';
import { seenProfile } from '../rollout/observation.ts';
import type { Observation } from '../rollout/observation.ts';
import { endpointOf } from '../rollout/rotation.ts';
import type { Rollout } from '../rollout/state.ts';
import { turnBack } from '../rollout/turn-back.ts';

export function skipTtlWait(): Machine {
  return deciding((rollout, observation, now) => {
    const settings = { ...rollout.settings, propagationMarginMs: 0, drainMs: 0 };
    const seen = seenProfile(observation);
    const profile =
      seen === undefined ? observation.profile : { known: true as const, at: now, value: { ...seen, ttlSeconds: 0 } };
    return MACHINE.decide({ ...rollout, settings, maxTtlSeconds: 0 }, { ...observation, profile }, now);
  });
}

/** The clock of the TTL starts when ARM shows the removal, whatever Traffic Manager's name servers still answer. */
export function skipConfirmation(): Machine {
  return deciding((rollout, observation, now) => {
    const { traffic } = rollout;
    const settings = { ...rollout.settings, propagationMarginMs: 0 };
    const unasked = traffic === undefined ? undefined : { ...traffic, confirmRemoval: false };
    return MACHINE.decide({ ...rollout, settings, traffic: unasked }, observation, now);
  });
}

export function deleteGroupBeforeEndpoint(): Machine {
  return deciding((...given) => {
    const decision = MACHINE.decide(...given);
    const effects = decision.effects.map((effect) =>
      effect.kind === 'deleteEndpoint' ? { kind: 'deleteGroup' as const, group: effect.group } : effect,
    );
    return { ...decision, effects };
  });
}

/** What is to be stopped is stopped as soon as its endpoints are out. */
export function stopBeforeDrained(): Machine {
  return deciding((rollout, observation, now) => {
    const decision = MACHINE.decide(rollout, observation, now);
    const step = rollout.plan[rollout.cursor];
    const isDraining = rollout.backPlan === undefined && step?.kind === 'drain' && step.side === 'live';
    if (!isDraining || decision.change !== undefined || decision.effects.length > 0) return decision;
    const isStopped = ({ kind }: { readonly kind: string }) => kind === 'stop';
    if (!rollout.plan.some(isStopped)) return decision;
    const effects = (rollout.live?.groups ?? []).map((group) => ({ kind: 'stopGroup' as const, group }));
    return { ...decision, effects, rollout: countAttempts(rollout, effects, { observation, now }) };
  });
}

export function registerBeforeVerify(): Machine {
  return deciding((rollout, observation, now) => {
    const proofs = Object.entries(rollout.proofs).map(
      ([name, proof]) => [name, { ...proof, verifiedAt: now }] as const,
    );
    return MACHINE.decide({ ...rollout, proofs: Object.fromEntries(proofs) }, observation, now);
  });
}

/** The same, where there is a live stack already. */
export function swapBeforeVerify(): Machine {
  const planted = registerBeforeVerify();
  return deciding((rollout, ...given) => (rollout.live === undefined ? MACHINE : planted).decide(rollout, ...given));
}

/** Only TTLs that are seen while the rollout lasts count. */
export function forgetLoweredTtl(): Machine {
  return deciding((rollout, observation, now) => {
    const isFresh = rollout.cursor === 0 && rollout.backPlan === undefined;
    return MACHINE.decide(isFresh ? { ...rollout, maxTtlSeconds: 0 } : rollout, observation, now);
  });
}

/** The clock of the TTL starts with the request; where that is slow, the endpoint is handed out for longer. */
export function countTtlFromRequest(): Machine {
  return countingFrom((_, { kind, group }) => (kind === 'disableEndpoint' ? group.name : undefined));
}

/** The same where an endpoint is led elsewhere: the group of the other stack in that place is left then. */
export function countTtlFromSwapRequest(): Machine {
  return countingFrom((rollout, { kind, group }) => {
    if (kind !== 'retargetEndpoint') return undefined;
    return rollout.live?.groups.find(({ endpoint, name }) => endpoint === group.endpoint && name !== group.name)?.name;
  });
}

function countingFrom(left: (rollout: Rollout, effect: Effect) => string | undefined): Machine {
  const askedAt = new Map<string, number>();
  return deciding((rollout, observation, now) => {
    const decision = MACHINE.decide(rollout, observation, now);
    for (const effect of decision.effects) {
      const name = left(rollout, effect);
      if (name !== undefined && !askedAt.has(name)) askedAt.set(name, now);
    }
    const removedAt = Object.entries(decision.rollout.removedAt).map(
      ([name, at]) => [name, askedAt.get(name) ?? at] as const,
    );
    return { ...decision, rollout: { ...decision.rollout, removedAt: Object.fromEntries(removedAt) } };
  });
}

/** A profile that cannot be read is taken for one with no endpoints. */
export function emptyListMeansGone(): Machine {
  return deciding((rollout, observation, now) => {
    if (observation.profile?.known !== false) return MACHINE.decide(rollout, observation, now);
    const name = rollout.traffic?.profile ?? '';
    const value = { name, fqdn: name, ttlSeconds: 0, routingMethod: 'Weighted', enabled: true, endpoints: [] };
    return MACHINE.decide(rollout, { ...observation, profile: { known: true, at: now, value } }, now);
  });
}

/** The end of a drain is always still to come. */
export function waitForEver(): Machine {
  return deciding((rollout, observation, now) => {
    const decision = MACHINE.decide(rollout, observation, now);
    const isDrained = decision.change?.kind === 'stepDone' && decision.change.step.kind === 'drain';
    return isDrained ? { ...decision, rollout, change: undefined, wakeAt: now + 60_000 } : decision;
  });
}

/** Whatever goes wrong is the release's fault. */
export function condemnOnOutage(): Machine {
  return deciding((...given) => {
    const decision = MACHINE.decide(...given);
    const { turnedBack } = decision.rollout;
    if (decision.change?.kind !== 'turnedBack' || turnedBack === undefined) return decision;
    return {
      ...decision,
      change: { ...decision.change, fault: 'release' },
      rollout: { ...decision.rollout, turnedBack: { ...turnedBack, fault: 'release' } },
    };
  });
}

/** What fails by its own doing is nobody's fault. */
export function blameNobody(): Machine {
  return deciding((...given) => {
    const decision = MACHINE.decide(...given);
    const { turnedBack } = decision.rollout;
    if (decision.change?.kind !== 'turnedBack' || turnedBack?.fault !== 'release') return decision;
    const rollout = { ...decision.rollout, turnedBack: { ...turnedBack, fault: 'world' as const } };
    return { ...decision, change: { ...decision.change, fault: 'world' }, rollout };
  });
}

/** On the way back the candidate goes, whether or not the live stack serves. */
export function rollBackToUnhealthySide(): Machine {
  return deciding((...given) => {
    const decision = MACHINE.decide(...given);
    const { rollout } = decision;
    const [, observation, now] = given;
    const step = rollout.backPlan?.[rollout.cursor];
    const profile = seenProfile(observation);
    const isWaiting = step?.kind === (step?.side === 'live' ? 'online' : 'deregister') && decision.effects.length === 0;
    if (!isWaiting || profile === undefined) return decision;
    const group = rollout.candidate?.groups.find((one) => endpointOf(profile, one)?.enabled);
    if (group === undefined) return decision;
    const effect = { kind: 'disableEndpoint' as const, group };
    return { ...decision, effects: [effect], rollout: countAttempts(rollout, [effect], { observation, now }) };
  });
}

/** What a group is tagged as from the beginning stays. */
export function neverTag(): Machine {
  return deciding((...given) => {
    const decision = MACHINE.decide(...given);
    return { ...decision, effects: decision.effects.filter(({ kind }) => kind !== 'tagGroup') };
  });
}

/** What is in rotation already is called off, as for a newer release. */
export function callOffWhatServes(): Machine {
  return deciding((rollout, observation, now) => {
    const decision = MACHINE.decide(rollout, observation, now);
    const step = decision.rollout.plan[decision.rollout.cursor];
    if (step?.kind !== 'deregister' || decision.change?.kind !== 'stepDone') return decision;
    const why = { outcome: 'Superseded', reason: 'a newer release', fault: 'operator' } as const;
    const turned = turnBack(decision.rollout, why, now);
    if (turned === decision.rollout) return decision;
    const change = { kind: 'turnedBack', step, fault: why.fault, reason: why.reason } as const;
    return { ...decision, rollout: turned, effects: [], change };
  });
}

/** What runs is forgotten, so that whatever a list holds looks new. */
export function forgetWhatRuns(): Machine {
  return { ...MACHINE, desiredRelease: (app, _, given) => MACHINE.desiredRelease(app, undefined, given) };
}

function deciding(decide: (rollout: Rollout, observation: Observation, now: number) => Decision): Machine {
  return { ...MACHINE, decide };
}
