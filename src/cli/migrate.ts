/**
 * `viridian migrate --config FILE --from FOLDER`: copies the state of one daemon from its folder to the container that the
 * config names, so that several can share it. What is there already is looked at first; the folder is marked before the
 * first copy, so that no daemon comes back on it, and a copy that was interrupted goes on where it was.
 */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { StateStore } from '../controller/ports.ts';
import { StalledError } from '../model/errors.ts';
import { joinEdges } from './edges.ts';
import { loadOrTell } from './settings-of.ts';
import { openFolder } from './state.ts';
import { markMoved } from '../store/moved.ts';
import type { TextOutput } from './validate.ts';

export interface MigrateCommand {
  readonly config: string;
  /** State folder of a daemon that has been stopped. */
  readonly from: string;
}

/** Exit status: 0 when all is in the container, 2 where the config is wrong, 1 where something is in the way. */
export async function migrate({ config, from }: MigrateCommand, output: TextOutput): Promise<number> {
  const loaded = loadOrTell(config, output);
  if (loaded === undefined) return 2;
  const { settings } = loaded;
  if (settings.state.kind !== 'blob') {
    output.err(`${config} keeps its state in a folder; set state.blob.url to where it shall go`);
    return 2;
  }
  if (!existsSync(from)) {
    output.err(`${from} does not exist; expected the state folder of a daemon that was stopped`);
    return 1;
  }
  const { credential } = await joinEdges(settings);
  const { url } = settings.state;
  const source = await openFolder(from, url);
  try {
    const { openContainer } = await import('../store/blob-container.ts');
    const { BlobAttendance } = await import('../store/blob-attendance.ts');
    const { BlobStore } = await import('../store/blob-store.ts');
    const container = await openContainer(url, credential);
    const countDaemons = () => new BlobAttendance(container, 'migrate').countOthers();
    return await copy(source.store, new BlobStore(container), { from, to: url, output, countDaemons });
  } finally {
    await source.close();
  }
}

interface CopyGiven {
  readonly from: string;
  readonly to: string;
  readonly output: TextOutput;
  /** Daemons that live on the container now. */
  readonly countDaemons: () => Promise<number>;
}

async function copy(
  source: StateStore,
  target: StateStore,
  { from, to, output, countDaemons }: CopyGiven,
): Promise<number> {
  const names = await source.list();
  if (names.length === 0) throw new StalledError(`${from} has no state; expected a state folder of a daemon`);
  const states = await lookAtBoth(source, target, names);
  const others = states.filter(({ state, there }) => there !== undefined && !isDeepStrictEqual(there, state));
  if (others.length > 0) {
    const list = others.map(({ name }) => name).join(', ');
    output.err(
      `${to} has another state of ${list} already; nothing was copied. Remove what is not wanted there, or here`,
    );
    return 1;
  }
  // They drive the apps already, from nothing: what is copied would come too late.
  const missing = states.filter(({ there }) => there === undefined);
  const daemons = missing.length === 0 ? 0 : await countDaemons();
  if (daemons > 0) {
    output.err(
      `${daemons} daemons run on ${to} already; nothing was copied. Stop them, wait half a minute, run this again`,
    );
    return 1;
  }
  await markMoved(from, to);
  for (const { name, state, there } of states) {
    if (there === undefined) await copyOne(target, { name, state, to });
    output.out(`${name}: ${there === undefined ? 'copied' : 'is there already'}`);
  }
  output.out(
    `${names.length} apps are in ${to}. Start daemons with this config only: ${from} is marked, and refused from now on`,
  );
  return 0;
}

interface Both {
  readonly name: string;
  readonly state: unknown;
  /** In the container; undefined where there is none. */
  readonly there: unknown;
}

/** One after the other: there may be thousands. */
async function lookAtBoth(source: StateStore, target: StateStore, names: readonly string[]): Promise<Both[]> {
  const states: Both[] = [];
  for (const name of names) {
    const [here, there] = [await source.load(name), await target.load(name)];
    states.push({ name, state: here?.state, there: there?.state });
  }
  return states;
}

async function copyOne(target: StateStore, { name, state, to }: { name: string; state: unknown; to: string }) {
  try {
    await target.save(name, state, undefined);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StalledError(`${name} cannot be copied to ${to}: ${message}; run this again: it goes on where it was`, {
      cause: error,
    });
  }
}
