/**
 * What the watch of a config asks of the disk. Nothing is subscribed to: file shares tell of no change that another
 * machine makes, and what replaces a file, or a link on the way to it, is no event of that file.
 */
import { readFile, stat } from 'node:fs/promises';
import { decodeText } from '../config/decode-text.ts';
import { fingerprintOf } from '../config/fingerprint.ts';
import type { Found } from '../config/fingerprint.ts';
import { codeOf, foundBefore } from '../config/text-file.ts';

export interface WatchedDisk {
  /** Another text where any of the files has another size, time or inode, or is another file by a link; reads none of them. */
  stamps(files: readonly string[]): Promise<string>;
  /** As TextFiles gives it. */
  fingerprint(files: readonly string[]): Promise<string>;
}

/** Others of the process wait for the same few threads. */
const MOST_AT_ONCE = 8;

export const realWatchedDisk: WatchedDisk = {
  stamps: async (files) => JSON.stringify(await eachOf(files, stampOf)),
  fingerprint: async (files) =>
    fingerprintOf(new Map(await eachOf(files, async (file) => [file, await lookAt(file)] as const))),
};

async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [file, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return `${file} ${codeOf(error)}`;
  }
}

async function lookAt(file: string): Promise<Found> {
  try {
    const found = foundBefore(await stat(file), file);
    return found ?? decodeText(await readFile(file));
  } catch (error) {
    return { kind: 'unreadable', code: codeOf(error), message: '' };
  }
}

async function eachOf<Result>(
  files: readonly string[],
  ask: (file: string) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < files.length; start += MOST_AT_ONCE)
    results.push(...(await Promise.all(files.slice(start, start + MOST_AT_ONCE).map(ask))));
  return results;
}
