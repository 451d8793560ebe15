/**
 * Changes of the config while daemons run: some count, some are refused and put back. Drawn from a stream of their own, after
 * all else, so that a seed without them is what it was before there were any.
 */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import { drawChange } from './draw-app-change.ts';
import { drawMore } from './draw-worker.ts';
import { drawPushes } from './draw-pushes.ts';
import { canDoWithoutTwins, drawApp } from './options.ts';
import type { AppOptions, Options, Push } from './options.ts';

export type AppEdit =
  | { readonly kind: 'change'; readonly app: AppOptions }
  | { readonly kind: 'remove'; readonly app: string }
  | { readonly kind: 'add'; readonly app: AppOptions };

/** What becomes of the groups of an app that has left the config. */
export type OnRemoval = 'keep' | 'retire';

export interface ConfigEdit {
  /** When the file is written, so many milliseconds after the start. */
  readonly at: number;
  readonly edit: AppEdit;
  readonly onRemoval: OnRemoval;
  /** It cannot be read, or changes what only a start can take up; so long until somebody has put it back. */
  readonly refused?: { readonly why: 'broken' | 'fixed'; readonly forMs: number };
}

export interface EditOptions {
  /** Of the config of the start. */
  readonly onRemoval: OnRemoval;
  /** In order of time. */
  readonly edits: readonly ConfigEdit[];
  /** So long after a write the daemon of that number finds it in its own file. */
  readonly lagsMs: readonly number[];
}

const LONGEST_LAG_MS = MINUTE;

export function drawEdits(chance: Chance, options: Options): Options {
  if (!chance.happens(1 / 3)) return options;
  const { faultMs, daemons } = options;
  const times = Array.from({ length: chance.whole(1, 3) }, () => chance.whole(MINUTE, faultMs)).sort((a, b) => a - b);
  let onRemoval: OnRemoval = chance.pick(['keep', 'retire']);
  const first = onRemoval;
  const draft: Draft = { options, apps: options.apps, gone: [], pushes: [] };
  const edits = times.map((at): ConfigEdit => {
    // What was kept is taken away once the config says so; what is being taken away is not kept again.
    if (chance.happens(0.2)) onRemoval = 'retire';
    const refused = chance.happens(0.25)
      ? { why: chance.pick(['broken', 'fixed'] as const), forMs: chance.whole(10, 180) * SECOND }
      : undefined;
    const edit = drawEdit(chance, draft);
    if (refused === undefined) take(draft, edit);
    return { at, edit, onRemoval, ...(refused === undefined ? {} : { refused }) };
  });
  const lagsMs = Array.from({ length: daemons?.count ?? 1 }, () => chance.whole(0, LONGEST_LAG_MS));
  return { ...options, pushes: [...options.pushes, ...draft.pushes], edits: { onRemoval: first, edits, lagsMs } };
}

/** What the config has come to so far. */
interface Draft {
  readonly options: Options;
  apps: readonly AppOptions[];
  gone: readonly AppOptions[];
  pushes: readonly Push[];
}

function drawEdit(chance: Chance, draft: Draft): AppEdit {
  const { apps, gone, options } = draft;
  const kind = chance.pick(['change', 'change', 'change', 'remove', 'remove', 'add']);
  const [app] = pickFrom(chance, apps);
  // A config without apps is refused.
  if (kind === 'remove' && app !== undefined && apps.length > 1) return { kind, app: app.name };
  const [back] = pickFrom(chance, gone);
  if (kind === 'add' && back !== undefined && chance.happens(0.6)) return { kind, app: back };
  if (kind === 'add' || app === undefined) return { kind: 'add', app: drawNew(chance, draft) };
  return { kind: 'change', app: drawChange(chance, app, options) };
}

function take(draft: Draft, edit: AppEdit): void {
  const before = draft.apps;
  draft.apps = appsAfter(before, edit);
  const names = new Set(draft.apps.map(({ name }) => name));
  draft.gone = [...draft.gone, ...before].filter(({ name }) => !names.has(name));
}

/** One that nobody has heard of before, with versions of its own. */
function drawNew(chance: Chance, draft: Draft): AppOptions {
  const { options, pushes } = draft;
  const { faultMs, refusesTwins, nameServers } = options;
  const index = options.apps.length + new Set(pushes.map(({ app }) => app)).size;
  const drawn = drawMore(chance, drawApp(chance, index));
  const marginMs = Math.max(drawn.marginMs, nameServers?.delayMs ?? 0);
  const isRefused = refusesTwins === true && !canDoWithoutTwins(drawn);
  draft.pushes = [...pushes, ...drawPushes(chance, drawn.name, faultMs)];
  return { ...drawn, marginMs, ...(isRefused ? { routing: { method: 'Weighted' } } : {}) };
}

function pickFrom<Item>(chance: Chance, items: readonly Item[]): readonly Item[] {
  const index = Math.floor(chance.next() * items.length);
  return items.slice(index, index + 1);
}

/** The apps of a config once it is edited; nothing goes after what is there no more, as such a config is refused. */
export function appsAfter(apps: readonly AppOptions[], edit: AppEdit): readonly AppOptions[] {
  switch (edit.kind) {
    case 'change':
      return apps.map((app) => (app.name === edit.app.name ? edit.app : app));
    case 'remove': {
      const rest = apps.filter(({ name }) => name !== edit.app);
      return rest.map((app) => (app.after === undefined ? app : { ...app, after: without(app.after, edit.app) }));
    }
    case 'add': {
      const names = new Set(apps.map(({ name }) => name));
      const { after, ...app } = edit.app;
      if (names.has(app.name)) return apps;
      return [...apps, after === undefined ? app : { ...app, after: after.filter((name) => names.has(name)) }];
    }
  }
}

function without(names: readonly string[], gone: string): readonly string[] {
  return names.filter((name) => name !== gone);
}
