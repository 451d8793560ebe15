/** A daemon as a process of its own, on a local Azure, that alice and bob may ask and command; 1.0.0 is live. */
import { anyPort } from '../../src/simulator/free-ports.ts';
import { startViridian } from './command.ts';
import type { Running } from './command.ts';
import { Local } from './local.ts';

/** Each person's, by the name of the variable that has it. */
export const TOKENS = { ALICE: 'a-token-for-each-person', BOB: 'another-one-for-bob' };

export interface Operated {
  /** URL of its API. */
  readonly api: string;
  readonly local: Local;
  readonly daemon: Running;
  close(): Promise<void>;
}

/** `more`: changes to the config's text beside that it has an API. */
export async function startOperated(more: (config: string) => string = (config) => config): Promise<Operated> {
  const api = `http://127.0.0.1:${await anyPort()}`;
  const tokens = '[{ name: alice, token: { env: ALICE } }, { name: bob, token: { env: BOB } }]';
  const listen = `api: { listen: "${api.slice('http://'.length)}", tokens: ${tokens} }`;
  const config = (text: string) => more(text.replace('state:', `${listen}\nstate:`));
  const local = await Local.start({ createMs: 1000, config });
  local.push('1.0.0');
  const daemon = startViridian(['run', '--config', local.configFile], { env: TOKENS });
  await daemon.journal.next('rollout.finished');
  const close = async () => {
    await daemon.stop('SIGTERM');
    await local.close();
  };
  return { api, local, daemon, close };
}
