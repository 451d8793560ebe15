/**
 * How what is ours is told from what is not: tags on groups, and a strict form of endpoint names. Enough to find and
 * adopt everything again when the state is lost.
 */
import { shortHash } from './release.ts';
import type { Release } from './release.ts';

/** Tags on every group that Viridian makes. Values stay within ARM's 256 characters. */
export const TAGS = {
  owner: 'viridian-owner',
  app: 'viridian-app',
  release: 'viridian-release',
  template: 'viridian-template',
  stack: 'viridian-rollout',
  imageTags: 'viridian-tags',
  /** Where the name of its endpoint is none that Viridian gives. */
  endpoint: 'viridian-endpoint',
} as const;

/** Name of the check, on the groups of jobs; for people. */
export const JOB_TAG = 'viridian-check';

export interface Ownership {
  readonly owner: string;
  readonly app: string;
  readonly releaseId: string;
  readonly templateHash: string;
  readonly stackId: string;
  /** Image tag by container name, for people. */
  readonly tags: ReadonlyMap<string, string>;
}

const LONGEST_TAG_VALUE = 256;
const LONGEST_GROUP_NAME = 63;
const JOB = '-job';

export function ownershipTags(ownership: Ownership): Record<string, string> {
  const imageTags = [...ownership.tags].map(([container, tag]) => `${container}=${tag}`).join(',');
  return {
    [TAGS.owner]: ownership.owner,
    [TAGS.app]: ownership.app,
    [TAGS.release]: ownership.releaseId,
    [TAGS.template]: ownership.templateHash,
    [TAGS.stack]: ownership.stackId,
    [TAGS.imageTags]: imageTags.slice(0, LONGEST_TAG_VALUE),
  };
}

/** Of a group that runs this release. */
export function releaseTags(
  { id, templateHash, images }: Release,
  of: { readonly owner: string; readonly app: string; readonly stackId: string },
): Record<string, string> {
  const tags = new Map(images.map(({ container, tag }) => [container, tag]));
  return ownershipTags({ ...of, releaseId: id, templateHash, tags });
}

/** Undefined where any of the marks is missing: then it is not ours. Tag names are compared without regard to case. */
export function readOwnership(tags: Readonly<Record<string, string>>): Ownership | undefined {
  const lower = lowerNames(tags);
  const owner = lower.get(TAGS.owner);
  const app = lower.get(TAGS.app);
  const releaseId = lower.get(TAGS.release);
  const templateHash = lower.get(TAGS.template);
  const stackId = lower.get(TAGS.stack);
  if (!owner || !app || !releaseId || !templateHash || !stackId) return undefined;
  const pairs = (lower.get(TAGS.imageTags) ?? '').split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
  });
  return {
    owner,
    app,
    releaseId,
    templateHash,
    stackId,
    tags: new Map(pairs.filter(([container]) => container !== '')),
  };
}

/** Id of the stack that the group is tagged for, whether or not the other marks are there. */
export function readStackId(tags: Readonly<Record<string, string>>): string | undefined {
  return lowerNames(tags).get(TAGS.stack);
}

function lowerNames(tags: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
}

/** `{app}-{stack}-{location}-{replica}`: the group's name and its DNS label. */
export function groupName(app: string, stackId: string, location: string, replica: number): string {
  return `${app}-${stackId}-${location}-${replica}`.toLowerCase();
}

/** Of the jobs of a rollout. They stand by themselves: whoever finds one never takes it for a part of a stack that serves. */
export function jobStackId(rolloutId: string): string {
  return `${rolloutId}${JOB}`;
}

export function isJobStack(stackId: string): boolean {
  return stackId.endsWith(JOB);
}

/** The same for the same check of the same step of a rollout, so that it is found again; at most 47 characters. */
export function jobName(app: string, rolloutId: string, key: string): string {
  return `${app}-${jobStackId(rolloutId)}-${shortHash(key, 8)}`.toLowerCase();
}

/** True where every group of such an app gets a name within ACI's 63 characters (stack ids have 8). */
export function fitsGroupName(app: string, location: string, replicas: number): boolean {
  return groupName(app, '12345678', location, replicas).length <= LONGEST_GROUP_NAME;
}

/** Of the endpoint of one group, which comes and goes with it. */
export function endpointName(owner: string, group: string): string {
  return `${owner}.${group}`;
}

/** The owner in such a name. */
export function ownerInName(endpoint: string, group: string): string {
  return endpoint.slice(0, Math.max(0, endpoint.length - group.length - 1));
}

/** `{owner}.{app}.{location}.{replica}`: of an endpoint that stays where releases change. Its target says which it serves. */
export function placeEndpointName(
  owner: string,
  app: string,
  { location, replica }: { readonly location: string; readonly replica: number },
): string {
  return `${owner}.${app}.${location}.${replica}`.toLowerCase();
}

/** True for endpoints whose whole name has one of the two forms that this owner gives to this app's. */
export function isOurEndpoint(owner: string, app: string, name: string): boolean {
  return readPlaceEndpoint(owner, app, name) !== undefined || readGroupName(app, groupPart(owner, name)) !== undefined;
}

/** The place that such a name stands for; undefined where it has another form. Apps have no dots in their names. */
export function readPlaceEndpoint(
  owner: string,
  app: string,
  name: string,
): { location: string; replica: number } | undefined {
  const prefix = `${owner}.${app}.`.toLowerCase();
  const lower = name.toLowerCase();
  const [, location, replica] = /^([a-z0-9]+)\.(\d+)$/.exec(lower.slice(prefix.length)) ?? [];
  return !lower.startsWith(prefix) || location === undefined ? undefined : { location, replica: Number(replica) };
}

/** What the name of a group of this app says; undefined where it is none. */
export function readGroupName(
  app: string,
  name: string,
): { readonly stackId: string; readonly location: string; readonly replica: number } | undefined {
  const prefix = `${app}-`.toLowerCase();
  const lower = name.toLowerCase();
  const [, stackId, location, replica] = /^([0-9a-f]{8})-([a-z0-9]+)-(\d+)$/.exec(lower.slice(prefix.length)) ?? [];
  if (!lower.startsWith(prefix) || stackId === undefined || location === undefined) return undefined;
  return { stackId, location, replica: Number(replica) };
}

/** The name of the group that a target stands for: the first label of its DNS name, since that is the group's own. */
export function groupOfTarget(target: string): string {
  return (target.split('.')[0] ?? target).toLowerCase();
}

function groupPart(owner: string, name: string): string {
  return name.toLowerCase().startsWith(`${owner}.`.toLowerCase()) ? name.slice(owner.length + 1) : '';
}
