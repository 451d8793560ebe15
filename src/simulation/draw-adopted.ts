/**
 * Apps that somebody else has deployed before, and that were taken over by `viridian adopt`: their groups and endpoints have
 * names of their own, and are live when the first daemon starts. Drawn from a stream of its own.
 */
import { SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import type { AppOptions, Options } from './options.ts';

export interface AdoptedGroup {
  readonly name: string;
  readonly location: string;
  /** Where the app has traffic. */
  readonly endpoint: string;
}

export function drawAdopted(chance: Chance, options: Options): Options {
  const apps = options.apps.map((app) => {
    const isTaken = chance.happens(1 / 8);
    return isTaken && mayBeTaken(app, options) ? { ...app, adopted: groupsToAdopt(app) } : app;
  });
  return { ...options, apps };
}

/** One that only reports would run them for ever, and a second endpoint in a location is not to be had beside. */
function mayBeTaken({ mode, routing }: AppOptions, { refusesTwins }: Options): boolean {
  const isAlone = refusesTwins === true && routing?.method === 'Performance' && routing.switch !== 'inPlace';
  return mode !== 'notify' && !isAlone;
}

export function groupsToAdopt({ name, locations, replicas }: AppOptions): readonly AdoptedGroup[] {
  const places = locations.flatMap((location) => Array.from({ length: replicas }, () => location));
  return places.map((location, index) => {
    return { name: `${name}-old-${index + 1}`, location, endpoint: `old-${index + 1}` };
  });
}

/** Milliseconds after the start of the world: by then what was there before runs, and its endpoints are Online. */
export function firstStartMs(options: Options): number {
  const isAny = options.apps.some(({ adopted }) => adopted !== undefined);
  return isAny ? endpointsAtMs(options) + 2 * options.monitorMs : 0;
}

export function endpointsAtMs({ createMs }: Options): number {
  return createMs + 5 * SECOND;
}
