/**
 * Blue-green: the whole candidate stack beside the live one, proven, put into rotation, then the live one out of it.
 * An app without a profile has no traffic to move; a first deployment has nothing to replace.
 */
import type { Step } from '../state.ts';

export function planBlueGreen(options: { readonly hasLive: boolean; readonly hasTraffic: boolean }): readonly Step[] {
  const bringUp: Step[] = [
    { kind: 'provision', side: 'candidate' },
    { kind: 'verify', side: 'candidate' },
  ];
  const intoRotation: Step[] = [
    { kind: 'register', side: 'candidate' },
    { kind: 'online', side: 'candidate' },
  ];
  return [
    ...bringUp,
    ...(options.hasTraffic ? intoRotation : []),
    ...(options.hasLive ? planRemoval(options.hasTraffic) : []),
  ];
}

/** Taking the live stack away: also the whole plan of a clean-up. */
export function planRemoval(hasTraffic: boolean): readonly Step[] {
  const outOfRotation: Step[] = [
    { kind: 'deregister', side: 'live' },
    { kind: 'drain', side: 'live' },
  ];
  return [...(hasTraffic ? outOfRotation : []), { kind: 'retire', side: 'live' }];
}
