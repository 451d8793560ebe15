/**
 * Waves: one set of locations after the other, each watched before the next begins. The old groups of all waves stay, out
 * of rotation, until the last wave has passed: a failure walks all of them back without making anything.
 */
import type { Wave } from '../../model/app.ts';
import type { StackGroup } from '../effect.ts';
import type { Step } from '../state.ts';
import { askFirst, bake, check, gate, leave } from './blue-green.ts';
import { bringUp, deregister, intoRotation, tag } from './phases.ts';
import type { PlanGiven } from './plan.ts';

export function planWaves(waves: readonly Wave[], given: PlanGiven): readonly Step[] {
  const { live, candidate, hasTraffic, settings } = given;
  let inRotation = 0;
  const steps = waves.flatMap((wave, index): readonly Step[] => {
    const part = wave.locations.join(', ');
    const only = namesIn(candidate, wave);
    const leaving = namesIn(live, wave);
    inRotation += only.length;
    if (only.length === 0) return [];
    const here = { part, only };
    return [
      ...bringUp(here),
      ...check('before', settings, here),
      // Told apart from the gate of the wave itself.
      ...(index === 0 ? askFirst(settings, { part: `${part}, before`, only }) : []),
      ...(hasTraffic ? intoRotation(here) : []),
      ...(hasTraffic && leaving.length > 0
        ? [{ ...deregister({ part, only: leaving }, inRotation), needs: only }]
        : []),
      ...tag('live', settings.tags, here),
      ...bake(wave.bakeMs, here),
      ...check('after', settings, here),
      ...gate(wave.gate, here),
    ];
  });
  // What is in no wave any more, as a location that the app has left.
  const isElsewhere = live.some(({ location }) => !waves.some(({ locations }) => locations.includes(location)));
  const rest = isElsewhere && hasTraffic ? [deregister()] : [];
  return [...steps, ...rest, ...bake(settings.bakeMs), ...leave(hasTraffic, settings)];
}

function namesIn(groups: readonly StackGroup[], { locations }: Wave): readonly string[] {
  return groups.filter(({ location }) => locations.includes(location)).map(({ name }) => name);
}
