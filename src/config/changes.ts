/** Tells what is other in one config than in another, and which of that only a start of the daemon can take up. Pure. */
import type { App } from '../model/app.ts';
import type { Settings } from './settings.ts';
import type { Path } from './yaml-file.ts';

export interface ConfigChange {
  /** Names of apps. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Other keys of the config. */
  readonly settings: readonly string[];
}

/** A key that cannot change while the daemon runs. */
export interface FixedKey {
  readonly path: Path;
  readonly why: string;
}

export function isSameApp(one: App, other: App): boolean {
  return isSame(one, other);
}

/** Where another one needs no look at anything: what is asked only when a rollout may start, or is over. */
export function isSameButGates(one: App, other: App): boolean {
  const none = { windows: undefined, group: undefined, after: undefined, prices: undefined };
  return isSame({ ...one, ...none }, { ...other, ...none });
}

export function changeOf(before: Settings, after: Settings): ConfigChange {
  const known = new Map(before.apps.map((app) => [app.name, app]));
  const names = new Set(after.apps.map(({ name }) => name));
  const changed = after.apps.filter((app) => {
    const same = known.get(app.name);
    return same !== undefined && !isSameApp(same, app);
  });
  return {
    added: after.apps.map(({ name }) => name).filter((name) => !known.has(name)),
    removed: [...known.keys()].filter((name) => !names.has(name)),
    changed: changed.map(({ name }) => name),
    settings: CHANGEABLE.filter((key) => !isSame(before[key], after[key])).map((key) => NAMES[key] ?? key),
  };
}

export function isNoChange({ added, removed, changed, settings }: ConfigChange): boolean {
  return added.length + removed.length + changed.length + settings.length === 0;
}

/** What has changed and must not: the daemon has to be started again for it. */
export function fixedKeysChanged(before: Settings, after: Settings): readonly FixedKey[] {
  const { tokens: tokensBefore, ...apiBefore } = before.api ?? { tokens: [] };
  const { tokens: tokensAfter, ...apiAfter } = after.api ?? { tokens: [] };
  const isApiSame = isSame(apiBefore, apiAfter) && tokensBefore.length > 0 === tokensAfter.length > 0;
  const all: readonly (FixedKey & { readonly isFixed: boolean })[] = [
    { path: ['owner'], isFixed: before.owner === after.owner, why: 'groups and endpoints carry it' },
    { path: ['azure'], isFixed: isSame(before.cloud, after.cloud), why: 'all that is under way goes there' },
    { path: ['state'], isFixed: isSame(before.state, after.state), why: 'what is under way is written there' },
    { path: ['push'], isFixed: isSame(before.push, after.push), why: 'it listens there already' },
    { path: ['api'], isFixed: isApiSame, why: 'it listens there already, and only `tokens` can change' },
  ];
  return all.filter(({ isFixed }) => !isFixed);
}

const CHANGEABLE = ['onRemoval', 'registries', 'limits', 'notify', 'log', 'api'] as const;
const NAMES: Partial<Record<(typeof CHANGEABLE)[number], string>> = { api: 'api.tokens' };

/** Both come from the same code, so that equal values have their keys in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
