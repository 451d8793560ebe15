/**
 * Which groups are one app: those behind a profile that run the same containers, and of the others those that do. What is
 * Viridian's already, or fits no app, is named. Pure.
 */
import { tagOf } from '../model/adopted-tags.ts';
import { TAGS } from '../model/ownership.ts';
import { kindOf } from './seen.ts';
import type { SeenEndpoint, SeenGroup, SeenProfile } from './seen.ts';

export interface FoundApp {
  readonly name: string;
  readonly groups: readonly SeenGroup[];
  readonly profile: SeenProfile | undefined;
  /** That lead to the groups. */
  readonly endpoints: readonly SeenEndpoint[];
  readonly notes: readonly string[];
}

export interface FoundApps {
  readonly apps: readonly FoundApp[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

const LONGEST_NAME = 25;

/** `wanted`: names of profiles; all, and groups without one, where there are none. */
export function findApps(
  seen: { readonly groups: readonly SeenGroup[]; readonly profiles: readonly SeenProfile[] },
  wanted: readonly string[],
): FoundApps {
  const isOwned = ({ tags }: SeenGroup) => tagOf(textsOf(tags), TAGS.owner) !== undefined;
  const owned = seen.groups.filter((group) => isOwned(group));
  const free = seen.groups.filter((group) => !isOwned(group));
  const names = wanted.map((name) => name.toLowerCase());
  const profiles = seen.profiles.filter(({ name }) => names.length === 0 || names.includes(name.toLowerCase()));
  const taken = new Set<string>();
  const behind = profiles.flatMap((profile) => behindProfile(profile, free, taken));
  const rest = names.length > 0 ? [] : free.filter(({ name }) => !taken.has(name) && !isBehindAny(name, free, seen));
  const alone = Object.values(Object.groupBy(rest, kindOf)).flatMap((groups = []) => {
    const name = prefixOf(groups.map((group) => group.name));
    return [{ name, groups, profile: undefined, endpoints: [], notes: [] }];
  });
  return { apps: withNames([...behind, ...alone]), notes: ownedNotes(owned) };
}

function ownedNotes(owned: readonly SeenGroup[]): readonly string[] {
  return owned.map(
    ({ name, tags }) => `${name} is left out: it has an owner, ${tagOf(textsOf(tags), TAGS.owner) ?? ''}`,
  );
}

function isBehindAny(
  name: string,
  groups: readonly SeenGroup[],
  { profiles }: { readonly profiles: readonly SeenProfile[] },
): boolean {
  const group = groups.find((one) => one.name === name);
  return profiles.some(({ endpoints }) => endpoints.some(({ target }) => group?.addresses.includes(target)));
}

/** The kind with most groups is the app; others behind the same profile need one of their own. */
function behindProfile(profile: SeenProfile, groups: readonly SeenGroup[], taken: Set<string>): readonly FoundApp[] {
  const pairs = profile.endpoints.flatMap((endpoint) => {
    const group = groups.find(({ addresses, name }) => addresses.includes(endpoint.target) && !taken.has(name));
    return group === undefined ? [] : [{ endpoint, group }];
  });
  const byKind = Object.values(Object.groupBy(pairs, ({ group }) => kindOf(group))).flatMap((one) =>
    one === undefined ? [] : [one],
  );
  const [first] = byKind.toSorted((one, other) => other.length - one.length);
  if (first === undefined) return [];
  const own = [...new Set(first.map(({ group }) => group))];
  const others = pairs.filter(({ group }) => !own.includes(group)).map(({ group }) => group.name);
  const unresolved = profile.endpoints.filter(
    ({ target }) => !groups.some(({ addresses }) => addresses.includes(target)),
  );
  for (const { group } of pairs) taken.add(group.name);
  return [
    {
      name: profile.name,
      groups: own,
      profile,
      endpoints: first.map(({ endpoint }) => endpoint),
      notes: [
        ...[...new Set(others)].map(
          (name) => `${name} is behind ${profile.name} as well and runs other containers: it is left out`,
        ),
        ...unresolved.map(
          ({ name, target }) => `endpoint ${name} leads to ${target}, which is no group here: it is left out`,
        ),
      ],
    },
  ];
}

function withNames(apps: readonly FoundApp[]): readonly FoundApp[] {
  const used = new Set<string>();
  return apps.map((app) => {
    const base = toName(app.name);
    let name = base;
    for (let count = 2; used.has(name); count += 1) name = `${base.slice(0, LONGEST_NAME - 3)}-${count}`;
    used.add(name);
    return { ...app, name };
  });
}

/** As the config takes it. */
function toName(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  const begun = plain.replace(/^[^a-z]+/, '').slice(0, LONGEST_NAME);
  return begun.replace(/-+$/, '') || 'app';
}

/** What the names of several groups have in common, or the one name. */
function prefixOf(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  const common = first.slice(0, length).replace(/-[a-z0-9]?$|-+$/, '');
  return names.length === 1 || common === '' ? first : common;
}

function textsOf(tags: SeenGroup['tags']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
