/**
 * What a strategy may have beside its plain form, drawn from a stream of its own so that all else stays as it was: apps
 * without a profile, as consumers of a queue are, recreated in both orders; gates of shares and waves; waves of several locations.
 */
import type { Gate, Strategy } from '../model/app.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import type { Drawn } from './draw-strategy.ts';
import type { AppOptions } from './options.ts';

export function drawMore(chance: Chance, app: AppOptions): AppOptions {
  const isWorker = chance.happens(0.35);
  const { rollout } = app;
  if (rollout === undefined) return app;
  const gated = { ...app, rollout: { ...rollout, strategy: drawGates(chance, rollout.strategy, app.locations) } };
  return isWorker ? drawWorker(chance, gated, gated.rollout) : gated;
}

export function drawGates(chance: Chance, strategy: Strategy, locations: readonly string[]): Strategy {
  const gate = () => (chance.happens(0.3) ? { gate: drawGate(chance) } : {});
  switch (strategy.kind) {
    case 'canary':
      return { ...strategy, steps: strategy.steps.map((step) => ({ ...step, ...gate() })) };
    case 'waves': {
      const isOne = chance.happens(0.3);
      const waves = isOne ? strategy.waves.slice(0, 1).map((wave) => ({ ...wave, locations })) : strategy.waves;
      return { ...strategy, waves: waves.map((wave) => ({ ...wave, ...gate() })) };
    }
    default:
      return strategy;
  }
}

/** It opens by itself, or goes on or back when nobody has come. */
function drawGate(chance: Chance): Gate {
  return {
    approvals: chance.whole(1, 2),
    autoAfterMs: chance.happens(0.7) ? chance.whole(0, 60) * SECOND : undefined,
    timeoutMs: chance.whole(2, 6) * MINUTE,
    onTimeout: chance.pick(['rollBack', 'promote']),
  };
}

function drawWorker(chance: Chance, app: AppOptions, rollout: Drawn): AppOptions {
  const kind = chance.pick(['oldFirst', 'oldFirst', 'newFirst', 'asDrawn'] as const);
  const isDrawn = kind === 'asDrawn' && rollout.strategy.kind !== 'canary';
  const order = kind === 'newFirst' ? 'newFirst' : 'oldFirst';
  const { bakeMs, promotion, checks, tags } = rollout;
  return {
    ...app,
    routing: undefined,
    hasTraffic: false,
    hasProbe: chance.happens(0.6),
    rollout: {
      strategy: isDrawn ? rollout.strategy : { kind: 'recreate', order },
      bakeMs,
      promotion,
      checks,
      ...(tags === undefined ? {} : { tags }),
    },
  };
}

/** The gate that an app has at a step of its plan, by what was drawn. */
export function gateAt(
  { rollout }: AppOptions,
  plan: readonly { readonly kind: string; readonly part?: string | undefined }[],
  cursor: number,
): Gate | undefined {
  const part = plan[cursor]?.part;
  const strategy = rollout?.strategy;
  if (strategy?.kind === 'canary') {
    const step = strategy.steps.find(({ share }) => `${share} %` === part);
    return step === undefined ? rollout?.promotion : step.gate;
  }
  if (strategy?.kind !== 'waves') return rollout?.promotion;
  const wave = strategy.waves.find(({ locations }) => locations.join(', ') === part);
  return wave === undefined ? rollout?.promotion : wave.gate;
}
