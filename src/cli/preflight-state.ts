/** Whether the daemon could keep its state where the config says. Looked at from outside: nothing is locked, made or written. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import type { StateSettings } from '../config/settings.ts';
import { fail, fine, splitAdvice, warn } from '../preflight/line.ts';
import type { PreflightLine } from '../preflight/line.ts';
import { refuseMoved } from '../store/moved.ts';

const PLACE = { subject: 'state' };
const USABLE = constants.R_OK | constants.W_OK | constants.X_OK;

/** Never throws. */
export async function lookAtState(state: StateSettings, credential: TokenCredential): Promise<PreflightLine> {
  try {
    return await (state.kind === 'folder' ? lookAtFolder(state.folder) : lookAtContainer(state.url, credential));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const { message, advice } = splitAdvice(text, 'make it usable for the daemon, or correct state in the config');
    return fail(PLACE, message, advice);
  }
}

async function lookAtFolder(folder: string): Promise<PreflightLine> {
  const there = await nearest(folder);
  const isThere = there === folder;
  if (!(await stat(there)).isDirectory())
    return fail(PLACE, `${there} is no folder`, 'move it away, or set another state.folder');
  try {
    await access(there, USABLE);
  } catch {
    return fail(PLACE, `folder ${there} cannot be written to`, 'give the user of the daemon the right to write there');
  }
  if (!isThere) return fine(PLACE, `folder ${folder} is made at the start of the daemon`);
  await refuseMoved(folder);
  return fine(PLACE, `folder ${folder} can be written to`);
}

/** It, or what of the path above it is there. */
async function nearest(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(path) === path) throw error;
    return nearest(dirname(path));
  }
}

async function lookAtContainer(url: string, credential: TokenCredential): Promise<PreflightLine> {
  const { callOptions, storageCode, storageError, viewContainer } = await import('../store/blob-container.ts');
  const container = viewContainer(url, credential);
  try {
    await container.getProperties(callOptions());
  } catch (error) {
    if (storageCode(error) !== 'ContainerNotFound') throw storageError(`container ${url}`, 'read', error);
    return warn(
      PLACE,
      `container ${url} is not there`,
      'make it, or give the daemon the right to: it tries so at its start',
    );
  }
  return fine(PLACE, `container ${url} can be read; whether it can be written is seen by the first state`);
}
