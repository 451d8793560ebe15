/**
 * Whether memory stays flat: one life of the daemon with several apps, read after a few and after many rollouts. A process
 * of its own, with the small young generation that the launcher gives the daemon, and a collection before each reading.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from './bench.ts';

/** Of one life, after so many rollouts. */
export interface Reading {
  readonly rollouts: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const EARLY = 500;
const LATE = 5000;
const LIFE = fileURLToPath(new URL('endurance-life.ts', import.meta.url));

export async function benchEndurance(): Promise<Figure[]> {
  const flags = ['--expose-gc', '--max-semi-space-size=1'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, LIFE, String(EARLY), String(LATE)], {
    env: { MALLOC_ARENA_MAX: '1', ...process.env },
  });
  const [early, late] = stdout.trim().split('\n').map(toReading);
  if (early === undefined || late === undefined || late.rollouts < LATE) throw new Error(`no two readings: ${stdout}`);
  return [
    ...figures('resident', early.residentBytes, late.residentBytes),
    ...figures('heap in use', early.heapBytes, late.heapBytes),
  ];
}

function toReading(line: string): Reading {
  const reading: Reading = JSON.parse(line);
  return reading;
}

function figures(name: string, early: number, late: number): Figure[] {
  return [
    { name: `${name} after ${EARLY} rollouts`, value: early / 2 ** 20, unit: 'MiB' },
    { name: `${name} after ${LATE} rollouts`, value: late / 2 ** 20, unit: 'MiB' },
    { name: `${name}: growth`, value: (late / early - 1) * 100, unit: '%' },
  ];
}
