/**
 * `viridian migrate --config FILE --from FOLDER`: copies the state of one daemon from its folder to the container that the
 * config names, so that several can share it. All or nothing is begun: what is there already is looked at first.
 */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { formatConfigError } from '../config/format-error.ts';
import { loadSettings } from '../config/load.ts';
import type { StateStore } from '../controller/ports.ts';
import { ConfigError, StalledError } from '../model/errors.ts';
import { joinEdges } from './edges.ts';
import { openState } from './state.ts';
import type { TextOutput } from './validate.ts';

export interface MigrateCommand {
  readonly config: string;
  /** State folder of a daemon that has been stopped. */
  readonly from: string;
}

/** Exit status: 0 when all is in the container, 2 where the config is wrong, 1 where something is in the way. */
export async function migrate({ config, from }: MigrateCommand, output: TextOutput): Promise<number> {
  try {
    const { settings } = loadSettings(config);
    if (settings.state.kind !== 'blob') {
      output.err(`${config} keeps its state in a folder; set state.blob.url to where it shall go`);
      return 2;
    }
    if (!existsSync(from)) {
      output.err(`${from} does not exist; expected the state folder of a daemon that was stopped`);
      return 1;
    }
    const { credential } = await joinEdges(settings);
    const source = await openState({ kind: 'folder', folder: from }, credential);
    try {
      const target = await openState(settings.state, credential);
      return await copy(source.store, target.store, { from, to: settings.state.url, output });
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(formatConfigError(error));
    return 2;
  }
}

async function copy(
  source: StateStore,
  target: StateStore,
  { from, to, output }: { from: string; to: string; output: TextOutput },
): Promise<number> {
  const names = await source.list();
  if (names.length === 0) throw new StalledError(`${from} has no state; expected a state folder of a daemon`);
  const states = await Promise.all(
    names.map(async (name) => ({ name, state: (await source.load(name))?.state, there: await target.load(name) })),
  );
  const others = states.filter(({ state, there }) => there !== undefined && !isDeepStrictEqual(there.state, state));
  if (others.length > 0) {
    const list = others.map(({ name }) => name).join(', ');
    output.err(
      `${to} has another state of ${list} already; nothing was copied. Remove what is not wanted there, or here`,
    );
    return 1;
  }
  for (const { name, state, there } of states) {
    if (there === undefined) await target.save(name, state, undefined);
    output.out(`${name}: ${there === undefined ? 'copied' : 'is there already'}`);
  }
  output.out(
    `${names.length} apps are in ${to}. Start daemons with this config only: ${from} is as it was, and out of date from now on`,
  );
  return 0;
}
