/** Looks at all that an adoption hangs on, and judges it: unknown is not empty, so what cannot be seen ends it. */
import type { Azure } from '../azure/azure.ts';
import type { App, ImageSource } from '../model/app.ts';
import { TransientError } from '../model/errors.ts';
import type { Tag, TagList } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import type { AppState } from '../controller/app-state.ts';
import type { ObservedGroup, Seen } from '../rollout/observation.ts';
import { unfitness } from './fitness.ts';
import { inTheWay } from './in-the-way.ts';
import type { Obstacle } from './obstacle.ts';
import { findPlaces } from './places.ts';
import type { Asked, Place, PlacesSeen } from './places.ts';
import { isAdopted, planAdoption } from './plan.ts';
import type { AdoptionPlan } from './plan.ts';
import { askedTag, runningImages } from './running-images.ts';

export interface LookGiven {
  readonly azure: Pick<Azure, 'getProfile' | 'listGroups' | 'getGroup'>;
  /** `tag`: whose digest is needed. */
  readonly listTags: (source: ImageSource, tag: string | undefined) => Promise<TagList>;
  /** As the daemon has stored it; undefined: nothing yet. Throws where it cannot be read. */
  readonly readState: () => Promise<Pick<AppState, 'live' | 'rollout'> | undefined>;
  readonly now: () => Instant;
}

export type Judged =
  | { readonly kind: 'refused'; readonly obstacles: readonly Obstacle[] }
  | { readonly kind: 'adopted'; readonly groups: readonly string[] }
  | { readonly kind: 'planned'; readonly plan: AdoptionPlan };

/** Throws TransientError where something cannot be seen. */
export async function judgeAdoption(asked: Asked, given: LookGiven): Promise<Judged> {
  const seen = await lookAtAll(asked.app, given);
  const noProfile = missingProfile(asked.app, seen);
  if (noProfile !== undefined) return refused(noProfile);
  const { places, obstacles } = findPlaces(asked, seen);
  if (obstacles.length > 0) return refused(...obstacles);
  const at = { ...asked, places };
  if (isAdopted(at)) return { kind: 'adopted', groups: places.map(({ group }) => group.name) };
  const faults = [
    ...inTheWay(at, seen, await given.readState()),
    ...unfitness(at, await lookAtEach(asked.app, places, given)),
  ];
  const [first] = places;
  if (faults.length > 0 || first === undefined) return refused(...faults);
  const tags = await listAll(asked.app, first.group, given);
  const running = runningImages({ app: asked.app, group: first.group, tags, now: given.now() });
  if (running.obstacles.length > 0) return refused(...running.obstacles);
  return { kind: 'planned', plan: planAdoption({ ...at, ...running }) };
}

function refused(...obstacles: readonly Obstacle[]): Judged {
  return { kind: 'refused', obstacles };
}

async function lookAtAll({ traffic, resourceGroup }: App, { azure }: LookGiven): Promise<PlacesSeen> {
  const profile =
    traffic === undefined
      ? undefined
      : known(
          await azure.getProfile(traffic.resourceGroup, traffic.profile),
          `Traffic Manager profile ${traffic.profile} cannot be read`,
        );
  const groups = known(
    await azure.listGroups(resourceGroup),
    `the container groups of ${resourceGroup} cannot be listed`,
  );
  return { profile, groups };
}

function missingProfile({ name, traffic }: App, { profile }: PlacesSeen): Obstacle | undefined {
  if (traffic === undefined || profile !== undefined) return undefined;
  return {
    where: `app ${name}`,
    expected: `Traffic Manager profile ${traffic.profile} in resource group ${traffic.resourceGroup}`,
    got: 'none',
    todo: 'correct traffic.profile in the config',
  };
}

/** Lists do not say whether groups run. One after the other: they are few. */
async function lookAtEach({ resourceGroup }: App, places: readonly Place[], { azure }: LookGiven) {
  const looks = new Map<string, ObservedGroup | undefined>();
  for (const { group } of places) {
    const { name } = group;
    looks.set(name, known(await azure.getGroup({ resourceGroup, name }), `container group ${name} cannot be read`));
  }
  return looks;
}

async function listAll(app: App, group: ObservedGroup, { listTags }: LookGiven) {
  const lists = new Map<ImageSource, readonly Tag[]>();
  for (const source of app.images) {
    const list = await listTags(source, askedTag(source, group));
    if (list.kind === 'unknown')
      throw new TransientError(`${source.registry}/${source.repository} cannot be listed: ${list.reason}`);
    lists.set(source, list.tags);
  }
  return lists;
}

function known<Value>(seen: Seen<Value>, what: string): Value {
  if (seen.known) return seen.value;
  throw new TransientError(`${what}: ${seen.reason}; nothing was changed, run this again`);
}
