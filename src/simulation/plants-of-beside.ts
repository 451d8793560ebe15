/** Faults in what an app has a second of, an image or a profile: broken are R2, R10 or that a set settles. */
import { withMachine } from './plant.ts';
import type { Plant } from './plant.ts';
import * as beside from './planted-beside.ts';

export const OF_BESIDE: readonly Plant[] = [
  {
    name: 'forget-parents',
    rule: 'R2',
    what: 'counts the TTL of its own profile alone, though clients ask for one above it',
    options: beside.nested,
    daemon: beside.forgetParents,
  },
  {
    name: 'ignore-second-image',
    rule: 'R10',
    what: 'never replaces the second image of a set',
    options: beside.inSets,
    daemon: withMachine(beside.ignoreSecondImage),
  },
  {
    name: 'never-settle',
    rule: 'settle',
    what: 'does not wait for the other image of a set',
    options: beside.inSets,
    daemon: beside.neverSettle,
  },
];
