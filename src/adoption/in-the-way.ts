/** What an app has already, by tags and by its stored state: only one that has nothing yet can take something over. Pure. */
import { takeInventory } from '../controller/inventory.ts';
import type { AppState } from '../controller/app-state.ts';
import { isJobStack } from '../model/ownership.ts';
import { releaseName } from '../model/release.ts';
import type { Obstacle } from './obstacle.ts';
import type { Asked, Place, PlacesSeen } from './places.ts';

export function inTheWay(
  asked: Asked & { readonly places: readonly Place[] },
  seen: PlacesSeen,
  stored: Pick<AppState, 'live' | 'rollout'> | undefined,
): readonly Obstacle[] {
  const { app } = asked;
  const where = `app ${app.name}`;
  const expected = 'an app that runs nothing of its own yet';
  const isNamed = (name: string) => asked.places.some(({ group }) => group.name.toLowerCase() === name.toLowerCase());
  const { rollout, live } = stored ?? {};
  if (rollout !== undefined) {
    const got = `rollout ${rollout.id} under way (${rollout.reason})`;
    return [{ where, expected, got, todo: `wait until it has ended, or abort it: viridian abort ${app.name}` }];
  }
  const others = live?.groups.filter(({ name }) => !isNamed(name)) ?? [];
  if (live !== undefined && others.length > 0) {
    const got = `${releaseName(live.release)} live in ${others.map(({ name }) => name).join(', ')}`;
    return [{ where, expected, got, todo: 'give what you want to take over to another app, or delete it yourself' }];
  }
  const { stacks, halfAdopted } = takeInventory({ ...asked, ...seen });
  const own = stacks.filter(({ id }) => !isJobStack(id)).flatMap(({ groups }) => groups.map(({ name }) => name));
  const left = own.filter((name) => !isNamed(name));
  const half = halfAdopted.flatMap(({ groups }) => groups).filter((name) => !isNamed(name));
  return [
    ...(left.length === 0
      ? []
      : [
          {
            where,
            expected,
            got: `${left.join(', ')}, tagged as its own`,
            todo: 'wait until they are gone, or give what you want to take over to another app',
          },
        ]),
    ...half.map((name) => ({
      where: `container group ${name}`,
      expected: 'to be named, as an adoption that was interrupted has tagged it',
      got: 'another selection',
      todo: 'name it as well, or remove its tags viridian-*',
    })),
  ];
}
