/** What keeps groups that stand from being taken over: whose they are, how they are, and whether they fit the config. Pure. */
import { adoptedTags, MOST_TAGS, readAdopted, tagOf, withTags } from '../model/adopted-tags.ts';
import { readImageReference } from '../model/image-reference.ts';
import { TAGS } from '../model/ownership.ts';
import type { ImageSource } from '../model/app.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import type { Obstacle } from './obstacle.ts';
import type { Asked, Place } from './places.ts';

/** Of our own beside `viridian-image-…`. */
const OWN_TAGS = 8;

export interface StandsGiven extends Asked {
  readonly places: readonly Place[];
}

/** `looked`: single looks, by the name in the list; undefined: it is gone. */
export function unfitness(
  { places, ...asked }: StandsGiven,
  looked: ReadonlyMap<string, ObservedGroup | undefined>,
): readonly Obstacle[] {
  const each = places.flatMap(({ group }) => groupFaults(group.name, looked.get(group.name), asked));
  return each.length > 0 ? each : differences(places, asked);
}

function groupFaults(name: string, group: ObservedGroup | undefined, asked: Asked): readonly Obstacle[] {
  const where = `container group ${name}`;
  if (group === undefined)
    return [{ where, expected: 'a group that runs', got: 'none: it has gone meanwhile', todo: 'run this again' }];
  return [whose(group, asked), how(group), ...fit(group, asked)]
    .filter((one) => one !== undefined)
    .map((one) => ({ where, ...one }));
}

type Fault = Omit<Obstacle, 'where'>;

function whose({ tags }: ObservedGroup, { app, owner }: Asked): Fault | undefined {
  const [otherOwner, otherApp] = [tagOf(tags, TAGS.owner), tagOf(tags, TAGS.app)];
  if (otherOwner !== undefined && otherOwner !== owner)
    return {
      expected: `a group without an owner, or of owner ${owner}`,
      got: `owner ${otherOwner} in its tag ${TAGS.owner}`,
      todo: `stop that daemon and remove its tags viridian-* first, or leave the group to it`,
    };
  if (otherApp !== undefined && otherApp !== app.name)
    return {
      expected: `a group of no app, or of app ${app.name}`,
      got: `app ${otherApp} in its tag ${TAGS.app}`,
      todo: 'leave it to that app',
    };
  const isOfOurs = tagOf(tags, TAGS.stack) !== undefined && readAdopted(tags) === undefined;
  if (!isOfOurs) return undefined;
  return {
    expected: 'a group that somebody else made',
    got: `one that Viridian made for app ${app.name}`,
    todo: 'there is nothing to do: it is found by its tags',
  };
}

function how({ state, provisioningState }: ObservedGroup): Fault | undefined {
  if (state === 'Running' && provisioningState === 'Succeeded') return undefined;
  const got = state === undefined ? provisioningState : `${state} (${provisioningState})`;
  return { expected: 'Running', got, todo: 'start or mend it first, or leave it out' };
}

function fit(group: ObservedGroup, { app }: Asked): readonly (Fault | undefined)[] {
  const { location, tags } = group;
  const most = OWN_TAGS + app.images.length;
  const given = adoptedTags({ groups: 1, isPending: true, endpoint: undefined, images: [] });
  const others = Object.keys(withTags(tags, given)).filter((name) => !name.toLowerCase().startsWith('viridian-'));
  return [
    app.locations.includes(location)
      ? undefined
      : {
          expected: `a location of the app: ${app.locations.join(', ')}`,
          got: location,
          todo: 'add it to locations in the config',
        },
    others.length + most <= MOST_TAGS
      ? undefined
      : {
          expected: `${MOST_TAGS - most} tags at most, as ${most} are added and Azure takes ${MOST_TAGS}`,
          got: `${others.length}`,
          todo: 'remove some',
        },
    ...app.images.map((source) => imageFault(group, source)),
  ];
}

function imageFault({ containers }: ObservedGroup, source: ImageSource): Fault | undefined {
  const { container, registry, repository } = source;
  const found = containers.find(({ name }) => name === container);
  if (found === undefined)
    return {
      expected: `a container ${container}, as the config has it`,
      got: containers.map(({ name }) => name).join(', ') || 'none',
      todo: 'correct images and the template in the config',
    };
  const image = readImageReference(found.image);
  if (image.registry === registry && image.repository === repository) return undefined;
  return {
    expected: `container ${container} to run ${registry}/${repository}`,
    got: found.image,
    todo: 'correct image of that container in the config',
  };
}

/** A stack runs one release. */
function differences(places: readonly Place[], { app }: Asked): readonly Obstacle[] {
  return app.images.flatMap(({ container }): Obstacle[] => {
    const images = new Map(places.map(({ group }) => [imageOf(group, container), group.name]));
    if (images.size < 2) return [];
    const got = [...images].map(([image, name]) => `${image} in ${name}`).join(', ');
    const todo = 'bring all of them to the same image first: a stack runs one release';
    return [{ where: `container ${container}`, expected: 'the same image in all groups', got, todo }];
  });
}

function imageOf({ containers }: ObservedGroup, container: string): string {
  return containers.find(({ name }) => name === container)?.image ?? '';
}
