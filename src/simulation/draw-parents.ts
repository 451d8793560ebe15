/**
 * Profiles above that of a drawn app, each the parent of the one below it by a nested endpoint, whose TTLs count too; and what
 * somebody does to them. Not above MultiValue: which parents may have such a child is not documented.
 */
import type { Chance } from './chance.ts';
import type { AppOptions, Event } from './options.ts';

export interface ParentOptions {
  readonly ttlSeconds: number;
  readonly method: 'Weighted' | 'Priority';
}

const LONGEST_TTL_SECONDS = 240;
const EVENTS = ['changeParentTtl', 'changeParentTtl', 'dropParent'] as const;

/** The nearest first; one app of eight has some. */
export function drawParents(chance: Chance, { hasTraffic, routing }: AppOptions): readonly ParentOptions[] | undefined {
  const isNested = chance.happens(0.125);
  const parents = Array.from({ length: chance.pick([1, 1, 2]) }, (): ParentOptions => {
    const ttlSeconds = chance.whole(1, LONGEST_TTL_SECONDS);
    return { ttlSeconds: chance.happens(0.1) ? 0 : ttlSeconds, method: chance.pick(['Weighted', 'Priority']) };
  });
  return isNested && hasTraffic !== false && routing?.method !== 'MultiValue' ? parents : undefined;
}

export function drawParentEvents(chance: Chance, { name, parents }: AppOptions, faultMs: number): readonly Event[] {
  if (parents === undefined) return [];
  return Array.from({ length: chance.whole(0, 3) }, (): Event => {
    return { at: Math.floor(chance.next() * faultMs), kind: chance.pick(EVENTS), app: name, which: chance.next() };
  });
}

/** Of the profiles above the app's own, the nearest first. */
export function parentNames({ name, parents = [] }: Pick<AppOptions, 'name' | 'parents'>): readonly string[] {
  return parents.map((_, level) => (level === 0 ? `${name}-parent` : `${name}-parent${level + 1}`));
}

/** That clients ask for: the topmost. */
export function askedName(app: Pick<AppOptions, 'name' | 'parents'>): string {
  return parentNames(app).at(-1) ?? app.name;
}
