/** The pure parts that drive an app, as one value: simulation puts a faulty one in its place to see it found out. */
import { decide } from '../rollout/decide.ts';
import { desiredRelease } from './desired.ts';

export interface Machine {
  readonly decide: typeof decide;
  readonly desiredRelease: typeof desiredRelease;
}

export const MACHINE: Machine = { decide, desiredRelease };
