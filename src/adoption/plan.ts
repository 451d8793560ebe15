/**
 * What taking groups over comes to: the tags that each gets, first as pending and then for good, and what nobody touches.
 * Pure, and the same each time that it is asked for the same groups, so that one that was interrupted goes on.
 */
import { adoptedTags, readAdopted, readEndpointTag, tagOf, withTags } from '../model/adopted-tags.ts';
import type { Tags } from '../model/app.ts';
import { releaseTags, TAGS } from '../model/ownership.ts';
import { makeRelease, releaseName, shortHash } from '../model/release.ts';
import type { ReleaseImage } from '../model/release.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import type { Asked, Place } from './places.ts';

export interface PlannedGroup {
  readonly name: string;
  readonly location: string;
  readonly endpoint: string | undefined;
  readonly target: string | undefined;
  readonly weight: number | undefined;
  /** Ours alone; whatever else the group has stays. */
  readonly pending: Tags;
  readonly final: Tags;
}

export interface AdoptionPlan {
  readonly app: string;
  readonly release: string;
  readonly stack: string;
  readonly groups: readonly PlannedGroup[];
  readonly notes: readonly string[];
}

export interface PlanGiven extends Asked {
  readonly places: readonly Place[];
  readonly images: readonly ReleaseImage[];
  readonly notes: readonly string[];
}

export function planAdoption({ app, owner, places, images, notes }: PlanGiven): AdoptionPlan {
  const names = places.map(({ group }) => group.name.toLowerCase()).sort();
  const stackId = shortHash(['adopt', owner, app.name, ...names].join('\n'), 8);
  const release = makeRelease(images, templateHash(places));
  const marks = releaseTags(release, { owner, app: app.name, stackId });
  const tagsOf = (endpoint: string | undefined, isPending: boolean) => ({
    ...marks,
    ...adoptedTags({ groups: places.length, isPending, endpoint, images: release.images }),
  });
  const groups = places.map(({ group, endpoint }) => ({
    name: group.name,
    location: group.location,
    endpoint: endpoint?.name,
    target: endpoint?.target,
    weight: endpoint?.weight,
    pending: tagsOf(endpoint?.name, true),
    final: tagsOf(endpoint?.name, false),
  }));
  const wanted = app.replicas * app.locations.length;
  const count = `${places.length} ${places.length === 1 ? 'group runs' : 'groups run'} now, and the config asks for ${wanted} (${app.replicas} in each of ${app.locations.join(', ')}); the first rollout brings what the config says`;
  const others = wanted === places.length ? [] : [count];
  return { app: app.name, release: releaseName(release), stack: stackId, groups, notes: [...notes, ...others] };
}

/** Another one than that of any template, so that the first rollout brings the config's. */
function templateHash(places: readonly Place[]): string {
  const bodies = places.map(({ group }) => group.containers.map(({ name, image }) => `${name}=${image}`).join(','));
  return shortHash(['adopted', ...bodies.sort()].join('\n'), 16);
}

/** All of them were taken over before, together, by the same endpoints. */
export function isAdopted({ app, owner, places }: Asked & { readonly places: readonly Place[] }): boolean {
  const stacks = new Set(places.map(({ group }) => tagOf(group.tags, TAGS.stack)));
  return (
    stacks.size === 1 &&
    places.every(({ group: { tags }, endpoint }) => {
      const isOurs = tagOf(tags, TAGS.owner) === owner && tagOf(tags, TAGS.app) === app.name;
      const mark = readAdopted(tags);
      const isSame = readEndpointTag(tags)?.toLowerCase() === endpoint?.name.toLowerCase();
      return isOurs && isSame && mark !== undefined && !mark.isPending && mark.groups === places.length;
    })
  );
}

/** Those of the second time too, where they are there already; undefined: nothing is lacking. */
export function tagsToWrite(seen: Pick<ObservedGroup, 'tags'>, wanted: Tags): Tags | undefined {
  const isThere = Object.entries(wanted).every(([name, value]) => tagOf(seen.tags, name) === value);
  return isThere ? undefined : withTags(seen.tags, wanted);
}

/** One that says for good that all are tagged needs no second time as pending. */
export function isSettled(seen: Pick<ObservedGroup, 'tags'>, { final }: PlannedGroup): boolean {
  return tagsToWrite(seen, final) === undefined;
}
