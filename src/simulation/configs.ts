/**
 * The config of a seed as it stands in its file from time to time, and which of its versions a daemon may go by at a moment:
 * the newest, and those before it for as long as it may take to be taken up.
 */
import type { Instant } from '../model/time.ts';
import { MINUTE } from '../model/time.ts';
import { appsAfter } from './draw-edits.ts';
import type { OnRemoval } from './draw-edits.ts';
import type { AppOptions, Options } from './options.ts';

/** One that counts. */
export interface Version {
  readonly from: Instant;
  /** Another one has taken its place. */
  readonly until: Instant;
  readonly apps: readonly AppOptions[];
  readonly onRemoval: OnRemoval;
}

/** What somebody finds who reads the file. */
export interface FileContent {
  /** Another one for each other content. */
  readonly fingerprint: string;
  readonly version: Version;
  /** Why it does not count; what it says then is in `version` all the same. */
  readonly refused: 'broken' | 'fixed' | undefined;
}

interface Written extends FileContent {
  readonly from: Instant;
  readonly until: Instant;
}

/** A look at the file, a pause until it stands, and what is in flight until then. */
const TAKEN_UP_AFTER_MS = 6 * MINUTE;

export class Configs {
  readonly versions: readonly Version[];
  /** Every app that any of them has, as it first was. */
  readonly everyApp: readonly AppOptions[];
  readonly #written: readonly Written[];
  readonly #now: () => Instant;
  readonly #slackMs: number;

  constructor(options: Options, { start, now }: { start: Instant; now: () => Instant }) {
    this.#now = now;
    this.versions = versionsOf(options, start);
    this.#written = writtenOf(options, { start, versions: this.versions });
    const first = new Map<string, AppOptions>();
    for (const { apps } of this.versions) for (const app of apps) if (!first.has(app.name)) first.set(app.name, app);
    this.everyApp = [...first.values()];
    const { daemons, edits } = options;
    const pausesMs = daemons?.pauses.reduce((sum, { ms }) => sum + ms, 0) ?? 0;
    this.#slackMs = TAKEN_UP_AFTER_MS + pausesMs + Math.max(0, ...(edits?.lagsMs ?? []));
  }

  fileAt(at: Instant): FileContent {
    const found = this.#written.findLast(({ from, until }) => from <= at && at < until);
    if (found === undefined) throw new Error('there is no config before the start');
    return found;
  }

  get newest(): Version {
    const now = this.#now();
    const found = this.versions.findLast(({ from }) => from <= now);
    if (found === undefined) throw new Error('there is no config before the start');
    return found;
  }

  /** Those that a daemon may go by now, the newest first. */
  get possible(): readonly Version[] {
    const now = this.#now();
    return this.versions.filter(({ from, until }) => from <= now && now < until + this.#slackMs).toReversed();
  }

  /** An app as each of these has it. */
  variants(name: string): readonly AppOptions[] {
    return this.possible.flatMap((version) => appIn(version, name) ?? []);
  }

  /** Nobody mends it. */
  isOut(name: string): boolean {
    return this.possible.some((version) => appIn(version, name) === undefined);
  }

  /** What clients hold beyond a TTL ends within the drain time, whichever that is. */
  shortestDrainMs(name: string): number {
    return Math.min(...this.versions.flatMap((version) => appIn(version, name)?.drainMs ?? []));
  }

  /** An app as any config up to now has had it, the newest first. */
  history(name: string): readonly AppOptions[] {
    const known = this.versions.filter(({ from }) => from <= this.#now()).toReversed();
    return known.flatMap((version) => appIn(version, name) ?? []);
  }
}

export function appIn({ apps }: Version, name: string): AppOptions | undefined {
  return apps.find((app) => app.name === name);
}

function versionsOf({ apps, edits }: Options, start: Instant): readonly Version[] {
  const versions: Omit<Version, 'until'>[] = [{ from: start, apps, onRemoval: edits?.onRemoval ?? 'keep' }];
  for (const { at, edit, onRemoval, refused } of edits?.edits ?? []) {
    const before = versions.at(-1)?.apps ?? apps;
    if (refused === undefined) versions.push({ from: start + at, apps: appsAfter(before, edit), onRemoval });
  }
  return versions.map((version, index) => ({ ...version, until: versions[index + 1]?.from ?? Infinity }));
}

/** What is refused stands until somebody has put it back, or has written something else. */
function writtenOf(
  { edits }: Options,
  { start, versions }: { start: Instant; versions: readonly Version[] },
): readonly Written[] {
  const good = versions.map((version, index): Written => {
    return { fingerprint: `version ${index}`, version, refused: undefined, from: version.from, until: version.until };
  });
  const bad = (edits?.edits ?? []).flatMap(({ at, edit, onRemoval, refused }, index): Written[] => {
    if (refused === undefined) return [];
    const [from, until] = [start + at, start + at + refused.forMs];
    const before = versions.findLast((version) => version.from <= from);
    const next = versions.find((version) => version.from > from)?.from ?? Infinity;
    const version = { from, until, apps: appsAfter(before?.apps ?? [], edit), onRemoval };
    return [{ fingerprint: `refused ${index}`, version, refused: refused.why, from, until: Math.min(until, next) }];
  });
  return [...good, ...bad];
}
