/** What some apps have a second of, drawn when all else is: an image with its repository, and profiles above their own. */
import type { Chance } from './chance.ts';
import { drawParentEvents, drawParents } from './draw-parents.ts';
import { drawPushesBeside, drawSet } from './draw-pushes.ts';
import type { AppOptions, Options } from './options.ts';

/** A seed without either is what it was. */
export function withBeside(chance: Chance, drawn: Options): Options {
  const { pushes, faultMs, events } = drawn;
  const nestedTtl = chance.pick(['parent', 'child'] as const);
  const apps = drawn.apps.map((app): AppOptions => {
    const [set, parents] = [drawSet(chance), drawParents(chance, app)];
    return { ...app, ...(set === undefined ? {} : { set }), ...(parents === undefined ? {} : { parents }) };
  });
  const morePushes = apps.flatMap((app) => drawPushesBeside(chance, app, { pushes, faultMs }));
  const isCalm = drawn.rates.storeFailsBefore === 0;
  const moreEvents = isCalm ? [] : apps.flatMap((app) => drawParentEvents(chance, app, faultMs));
  const isNested = apps.some(({ parents }) => parents !== undefined);
  return {
    ...drawn,
    apps,
    pushes: [...pushes, ...morePushes],
    events: [...events, ...moreEvents],
    ...(isNested ? { nestedTtl } : {}),
  };
}
