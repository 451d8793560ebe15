/**
 * The tag pushed last, by the registry's own time. A tag pushed before the running one is a downgrade; where the running
 * tag is not in the list, that cannot be told, and it stays.
 */
import type { Instant } from '../model/time.ts';
import type { Ordering } from './ordering.ts';

/** `what` names the tags that are left: `tag`, or `match of main-.*`. */
export function byPush(what = 'tag'): Ordering<Instant> {
  return {
    parse: ({ tag }) => tag.pushedAt,
    compare: (a, b) => a - b,
    words: {
      unparsed: 'the registry gives no push time',
      runningUnparsed: 'is not listed with a push time',
      one: `a ${what} with a push time`,
      best: `${what} pushed last`,
      worse: 'pushed before',
    },
  };
}
