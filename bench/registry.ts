/**
 * `npm run -s bench -- registry [--json]`: what watching a registry costs. Steady polls, a first list, from a push to the
 * first create call, Viridian beside others on one registry, and many apps at rest.
 */
import type { Figure } from './bench.ts';
import { measurePeers } from './registry/peers.ts';
import type { Peers } from './registry/peers.ts';
import { measurePushes } from './registry/push.ts';
import type { PushToCreate } from './registry/push.ts';
import { measureRest } from './registry/rest.ts';
import type { AtRest } from './registry/rest.ts';
import { measureSteady } from './registry/steady.ts';
import type { FirstListing, Steady } from './registry/steady.ts';

export interface Measured {
  readonly figures: readonly Figure[];
  /** What could not be measured here, and what to do about it. */
  readonly notes: readonly string[];
  /** The last line of `--json`. */
  readonly summary: object;
}

export async function benchRegistry(): Promise<Measured> {
  const { steady, first } = await measureSteady();
  const pushes = await measurePushes();
  const { peers, notes } = await measurePeers();
  const rest = await measureRest();
  return {
    figures: [...ofSteady(steady), ...ofFirst(first), ...ofPushes(pushes), ...ofPeers(peers), ...ofRest(rest)],
    notes,
    summary: {
      requestsPerSteadyPoll: Object.fromEntries(steady.map(({ tags, requests }) => [tags, requests])),
      bytesPerSteadyPoll: Object.fromEntries(steady.map(({ tags, bytes }) => [tags, bytes])),
      firstListing: rounded(first),
      pushToCreateMs: pushes,
      peers: peers.map(rounded),
      atRest: rounded(rest),
      leftOut: notes,
    },
  };
}

/** `npm run -s bench -- rest`: the last part alone. */
export async function benchRest(): Promise<readonly Figure[]> {
  return ofRest(await measureRest());
}

function ofSteady(steady: readonly Steady[]): Figure[] {
  return steady.flatMap(({ tags, requests, bytes }) => [
    { name: `steady poll of ${tags} tags`, value: requests, unit: 'requests' },
    { name: `steady poll of ${tags} tags`, value: bytes, unit: 'bytes' },
  ]);
}

function ofFirst({ tags, requests, cpuSeconds, peakMiB, processPeakMiB }: FirstListing): Figure[] {
  const name = `first list of ${tags} tags`;
  return [
    { name, value: requests, unit: 'requests' },
    { name, value: cpuSeconds, unit: 's of CPU' },
    { name: `${name}, memory added at its peak`, value: peakMiB, unit: 'MiB' },
    { name: `${name}, the whole process at its peak`, value: processPeakMiB, unit: 'MiB' },
  ];
}

function ofPushes({ webhook, pollBeyondInterval }: PushToCreate): Figure[] {
  return [
    { name: 'push to first create call, webhook', value: webhook, unit: 'ms' },
    { name: 'push to first create call, polling, beyond the interval', value: pollBeyondInterval, unit: 'ms' },
  ];
}

function ofPeers(peers: Peers['peers']): Figure[] {
  return peers.flatMap(({ name, requests, bytes, seconds }) => [
    { name, value: requests, unit: 'requests' },
    { name, value: bytes, unit: 'bytes' },
    { name, value: seconds * 1000, unit: 'ms' },
  ]);
}

function ofRest({ apps, repositories, intervalSeconds, corePercent, daemonCorePercent }: AtRest): Figure[] {
  const what = `${apps} apps on ${repositories} repositories, ${intervalSeconds} s`;
  const polls = { name: `polls of ${what}`, value: corePercent, unit: '% of a core' };
  if (daemonCorePercent === undefined) return [polls];
  return [polls, { name: `whole daemon of ${what}`, value: daemonCorePercent, unit: '% of a core' }];
}

/** Three decimals are more than a shared machine can tell apart. */
function rounded(figures: object): object {
  const round = (value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  return Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)]));
}
