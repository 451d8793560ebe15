/** What somebody does to the profiles that an app's own is nested in. */
import { SECOND } from '../model/time.ts';
import type { Profile } from '../simulator/profile.ts';
import { pickParent, remakeParent } from './chain.ts';
import type { Event } from './options.ts';
import { FORGOTTEN_TTL_MS, LONGEST_TTL_SECONDS, SEEN_BY_THEN_MS } from './world-stage.ts';
import type { Happening, Stage } from './world-stage.ts';

const TRY_AGAIN_MS = 10 * SECOND;

export const PARENT_EVENTS = {
  /** Up or down, as that of the app's own profile. */
  changeParentTtl({ app, which }, stage) {
    const { azure, time, ttlChangedAt } = stage;
    const parent = pickParent(azure, app, spread(which));
    if (parent === undefined) return;
    noteUnseen(app, stage);
    const ttl = 1 + Math.floor(which * LONGEST_TTL_SECONDS);
    azure.profiles.patch(parent, { properties: { dnsConfig: { ttl } } });
    ttlChangedAt.set(app, time.now());
  },

  /** Its name leads nowhere until it is restored; nobody can see its TTL meanwhile. */
  dropParent({ app, which }, stage) {
    const { azure, truth, later } = stage;
    const parent = pickParent(azure, app, which);
    if (parent === undefined) return;
    noteUnseen(app, stage);
    truth.worldBroke(app);
    azure.profiles.remove(parent);
    later(() => bringBack(parent, app, stage));
  },
} satisfies Partial<Record<Event['kind'], Happening>>;

/** What is held by the TTL of now is written down; two changes in a row may come between two looks. */
function noteUnseen(app: string, { truth, time, ttlChangedAt, isPaused }: Stage): void {
  truth.scan();
  const isTooSoon = time.now() < (ttlChangedAt.get(app) ?? 0) + SEEN_BY_THEN_MS;
  if (isTooSoon || isPaused(app)) truth.forgetTtl(app, FORGOTTEN_TTL_MS);
}

/** Once its child is there. */
function bringBack(parent: Profile, app: string, stage: Stage): void {
  const { azure, truth, time } = stage;
  truth.worldBroke(app);
  if (azure.profile(parent.name) !== undefined) return;
  if (remakeParent(azure, parent)) truth.scan();
  else time.after(TRY_AGAIN_MS, () => bringBack(parent, app, stage));
}

/** Another number below 1. */
function spread(which: number): number {
  return which * 7 - Math.floor(which * 7);
}
