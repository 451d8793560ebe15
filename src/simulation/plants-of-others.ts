/** Faults in what belongs to somebody else, to another daemon or to the next life, and in what is seen in part: broken are R4, R5 or R6. */
import type { Plant } from './plant.ts';
import * as edges from './planted-edges.ts';
import { ratesOf, tagging, mapped, pausing } from './planted-worlds.ts';

export const OF_OTHERS: readonly Plant[] = [
  {
    name: 'put-whole-profile',
    rule: 'R4',
    what: 'writes the whole profile to add an endpoint',
    daemon: edges.putWholeProfile,
  },
  {
    name: 'take-foreign-groups',
    rule: 'R4',
    what: 'takes groups that somebody else made for its own',
    options: (options) => ({ ...options, hasForeigners: true }),
    daemon: edges.takeForeignGroups,
  },
  {
    name: 'drop-other-tags',
    rule: 'R4',
    what: 'tags a group as live, and takes all its other tags away',
    options: tagging,
    daemon: edges.dropOtherTags,
  },
  {
    name: 'act-before-save',
    rule: 'R5',
    what: 'acts first and writes down later',
    daemon: edges.actBeforeSave,
  },
  {
    name: 'ignore-etag',
    rule: 'R5',
    what: 'writes its state over what another daemon has written meanwhile',
    options: pausing,
    daemon: edges.ignoreEtag,
  },
  {
    name: 'keep-acting-after-lease-loss',
    rule: 'R5',
    what: 'goes on changing things after another daemon has taken its lease',
    options: pausing,
    daemon: edges.keepActing,
  },
  {
    name: 'believe-partial-group-list',
    rule: 'R6',
    what: 'takes a group that a list lacks for gone, without asking for it',
    options: ratesOf({ armIsPartial: 0.5 }),
    daemon: edges.believePartialGroupLists,
  },
  {
    name: 'swap-writes-all',
    rule: 'R4',
    what: 'writes what others have set on an endpoint when it leads it elsewhere',
    options: mapped,
    daemon: edges.writeAllOnSwap,
  },
];
