/**
 * Canary: the candidate gets growing shares of new answers by weights, and is watched at each of them, before the live stack
 * leaves. From the first share on both serve, so whatever fails walks back to the live one by its weights.
 */
import type { CanaryStep } from '../../model/app.ts';
import type { Step } from '../state.ts';
import { bake, check, gate, leave, present, watch } from './blue-green.ts';
import { deregister, tag } from './phases.ts';
import type { PlanGiven } from './plan.ts';

export function planCanary(steps: readonly CanaryStep[], given: PlanGiven): readonly Step[] {
  const { hasTraffic, settings } = given;
  return [
    ...present(given),
    ...steps.flatMap((step) => planShare(step, settings)),
    deregister(),
    // Alone in rotation, it gets the weight that an app's endpoints have.
    { kind: 'weigh', side: 'candidate', part: 'alone' },
    ...tag('live', settings.tags),
    ...watch(settings),
    ...leave(hasTraffic, settings),
  ];
}

function planShare(
  { share, bakeMs, gate: asked }: CanaryStep,
  settings: Partial<PlanGiven['settings']>,
): readonly Step[] {
  const part = `${share} %`;
  return [
    { kind: 'weigh', side: 'candidate', part, share },
    ...bake(bakeMs, { part }),
    ...check('after', settings, { part }),
    ...gate(asked, { part }),
  ];
}
