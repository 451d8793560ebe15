/** Runs of the whole daemon in virtual time, one for each strategy, and what a picture needs of what it logged. */
import type { App, RolloutSettings } from '../../src/model/app.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';
import type { Said } from '../support/virtual-daemon.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LONGEST_MS = 60 * MINUTE;
const LAST_MS = 20 * SECOND;
const APP = 'web';

/** Shown of the time before a rollout. */
export const LEAD_MS = 15 * SECOND;

/** All times in milliseconds since the rollout began. */
export interface Timeline {
  readonly endMs: number;
  readonly outcome: string;
  readonly groups: readonly GroupLine[];
  readonly steps: readonly StepSpan[];
  readonly turnedBackMs: number | undefined;
  /** Percent of new answers that lead to the new release, from each moment on; empty for workers. */
  readonly shares: readonly { readonly atMs: number; readonly percent: number }[];
}

export interface GroupLine {
  readonly side: 'old' | 'new';
  readonly label: string;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly kind: 'there' | 'serving';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StepSpan {
  readonly kind: string;
  readonly part: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Run {
  readonly rollout: Partial<RolloutSettings>;
  readonly replicas: number;
  readonly locations: readonly string[];
  readonly isWorker?: boolean;
  /** Endpoints are led to the new groups in place of new ones. */
  readonly isInPlace?: boolean;
  /** New groups fall ill in this step. */
  readonly illIn?: { readonly step: string; readonly part: string };
}

const wave = (location: string) => ({ locations: [location], bakeMs: 2 * MINUTE });
const west = ['westeurope'];
const canary = {
  kind: 'canary',
  steps: [
    { share: 10, bakeMs: 2 * MINUTE },
    { share: 50, bakeMs: 2 * MINUTE },
  ],
} as const;
const waves = { kind: 'waves', waves: [wave('westeurope'), wave('northeurope')] } as const;
const both = ['westeurope', 'northeurope'];

/** By the name of the picture. */
export const RUNS: Readonly<Record<string, Run>> = {
  'blue-green': { rollout: { strategy: { kind: 'blueGreen' }, bakeMs: 2 * MINUTE }, replicas: 3, locations: west },
  'in-place': {
    rollout: { strategy: { kind: 'blueGreen' }, bakeMs: 2 * MINUTE },
    replicas: 3,
    locations: west,
    isInPlace: true,
  },
  rolling: { rollout: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } }, replicas: 3, locations: west },
  'rolling-back': {
    rollout: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 }, bakeMs: MINUTE },
    replicas: 3,
    locations: west,
    illIn: { step: 'bake', part: 'batch 2' },
  },
  canary: { rollout: { strategy: canary, bakeMs: MINUTE }, replicas: 2, locations: west },
  'canary-back': { rollout: { strategy: canary }, replicas: 2, locations: west, illIn: { step: 'bake', part: '50 %' } },
  waves: { rollout: { strategy: waves }, replicas: 1, locations: both },
  'waves-back': {
    rollout: { strategy: waves },
    replicas: 1,
    locations: both,
    illIn: { step: 'bake', part: 'northeurope' },
  },
  recreate: {
    rollout: { strategy: { kind: 'recreate', order: 'oldFirst' }, bakeMs: MINUTE },
    replicas: 1,
    locations: west,
    isWorker: true,
  },
  'recreate-new-first': {
    rollout: { strategy: { kind: 'recreate', order: 'newFirst' }, bakeMs: MINUTE },
    replicas: 1,
    locations: west,
    isWorker: true,
  },
};

export async function timelineOf(run: Run): Promise<Timeline> {
  const daemon = new VirtualDaemon();
  try {
    daemon.azure.createProfile(APP, 60);
    daemon.azure.push({ repository: APP, tag: '1.0.0' });
    daemon.run([appFor(run)]);
    await until(daemon, () => daemon.linesOf('rollout.finished').length > 0);
    daemon.azure.push({ repository: APP, tag: '1.1.0' });
    const shares: { at: number; percent: number }[] = [];
    let isIll = false;
    await until(daemon, () => {
      const percent = shareOf(daemon);
      if (percent !== undefined && percent !== shares.at(-1)?.percent) shares.push({ at: daemon.elapsedMs(), percent });
      const waiting = daemon.linesOf('rollout.waiting').at(-1);
      if (!isIll && waiting?.fields['step'] === run.illIn?.step && waiting?.fields['part'] === run.illIn?.part) {
        isIll = true;
        for (const group of daemon.azure.groups.all())
          if (group.program.version === '1.1.0') daemon.azure.groups.setProgram(group, { healthy: false });
      }
      return daemon.linesOf('rollout.finished').length > 1;
    });
    return toTimeline(daemon.said, run.isWorker === true ? [] : shares);
  } finally {
    daemon.close();
  }
}

function appFor({ rollout, replicas, locations, isWorker, isInPlace }: Run): App {
  const app = appOf(APP, { [APP]: { kind: 'semver', range: '*', prerelease: false } }, { replicas, locations });
  const settings = { ...app.rollout, propagationMarginMs: 20 * SECOND, drainMs: 10 * SECOND, ...rollout };
  const inPlace =
    isInPlace === true && app.traffic !== undefined ? { traffic: { ...app.traffic, switch: 'inPlace' as const } } : {};
  return {
    ...app,
    ...inPlace,
    rollout: settings,
    ...(isWorker === true ? { traffic: undefined, probe: undefined } : {}),
  };
}

async function until(daemon: VirtualDaemon, isOver: () => boolean): Promise<void> {
  for (let ms = 0; !isOver(); ms += SECOND) {
    if (ms > LONGEST_MS) throw new Error('the run has not ended within an hour');
    await daemon.passMs(SECOND);
  }
}

function shareOf({ azure }: VirtualDaemon): number | undefined {
  const enabled = [...(azure.profile(APP)?.endpoints.values() ?? [])].filter((endpoint) => endpoint.enabled);
  const isNew = ({ target }: { readonly target: string }) => azure.groupBehind(target)?.program.version === '1.1.0';
  const sum = (of: readonly { readonly weight: number }[]) => of.reduce((total, { weight }) => total + weight, 0);
  return enabled.length === 0 ? undefined : (100 * sum(enabled.filter(isNew))) / sum(enabled);
}

function toTimeline(said: readonly Said[], shares: readonly { at: number; percent: number }[]): Timeline {
  const start = said.filter(({ event }) => event === 'rollout.started')[1]?.at ?? 0;
  const lines = said.map((line) => ({ ...line, at: line.at - start }));
  const end = lines.findLast(({ event }) => event === 'rollout.finished');
  const done = lines.filter(({ event, at }) => event === 'rollout.step_done' && at >= 0);
  const back = lines.find(({ event }) => event === 'rollout.turned_back');
  return {
    endMs: (end?.at ?? 0) + LAST_MS,
    outcome: String(end?.fields['outcome']),
    groups: groupLines(lines, (end?.at ?? 0) + LAST_MS),
    steps: stepSpans(done, back),
    turnedBackMs: back?.at,
    shares: shares.map(({ at, percent }) => ({ atMs: Math.round(Math.max(-LEAD_MS, at - start)), percent })),
  };
}

/** Those that were done, and the one that was turned back in. */
function stepSpans(done: readonly Said[], back: Said | undefined): readonly StepSpan[] {
  const partOf = ({ fields: { part } }: Said) => (typeof part === 'string' ? part : undefined);
  const spans = done.map((line): StepSpan => {
    const { at, fields } = line;
    return { kind: String(fields['step']), part: partOf(line), fromMs: at - Number(fields['tookMs']), toMs: at };
  });
  if (back === undefined) return spans;
  const before = spans.filter(({ toMs }) => toMs <= back.at);
  const fromMs = before.at(-1)?.toMs ?? 0;
  const failed = { kind: String(back.fields['failedStep']), part: before.at(-1)?.part, fromMs, toMs: back.at };
  return [...before, failed, ...spans.slice(before.length)];
}

/** One line for each group, the old ones first. */
function groupLines(lines: readonly Said[], endMs: number): readonly GroupLine[] {
  const effects = lines.filter(({ event }) => event === 'effect.issued');
  const deeds = deedsOf(effects);
  const names = [...new Set(effects.map(({ fields }) => String(fields['group'])))];
  const made = (name: string) => effects.find(({ fields }) => fields['group'] === name)?.at ?? 0;
  const sideOf = (name: string) => (made(name) < 0 ? 'old' : 'new');
  const seen = new Map<string, number>();
  const places = new Set(effects.map(({ fields }) => fields['location']));
  const drawn = names.map((name): GroupLine => {
    const side = sideOf(name);
    const number = (seen.get(side) ?? 0) + 1;
    seen.set(side, number);
    const own = deeds.filter((deed) => deed.group === name);
    const place =
      places.size > 1
        ? String(effects.find(({ fields }) => fields['group'] === name)?.fields['location'])
        : String(number);
    return { side, label: `${side}, ${place}`, spans: spansOf(own, endMs) };
  });
  return drawn.toSorted((a, b) => (a.side === b.side ? 0 : a.side === 'old' ? -1 : 1));
}

interface Deed {
  readonly at: number;
  readonly group: string;
  readonly kind: 'make' | 'serve' | 'leave' | 'delete';
}

/** An endpoint that is led elsewhere takes one group out of rotation, and another one into it. */
function deedsOf(effects: readonly Said[]): readonly Deed[] {
  const behind = new Map<unknown, string>();
  return effects.flatMap(({ at, fields }): readonly Deed[] => {
    const group = String(fields['group']);
    const { endpoint } = fields;
    const before = behind.get(endpoint) ?? group;
    switch (fields['effect']) {
      case 'createGroup':
        return [{ at, group, kind: 'make' }];
      case 'deleteGroup':
        return [{ at, group, kind: 'delete' }];
      case 'disableEndpoint':
        return [{ at, group: before, kind: 'leave' }];
      case 'enableEndpoint':
      case 'retargetEndpoint': {
        behind.set(endpoint, group);
        const left: readonly Deed[] = before === group ? [] : [{ at, group: before, kind: 'leave' }];
        return [...left, { at, group, kind: 'serve' }];
      }
      default:
        return [];
    }
  });
}

function spansOf(deeds: readonly Deed[], endMs: number): readonly Span[] {
  const spans: Span[] = [];
  const open = new Map<Span['kind'], number>();
  const close = (kind: Span['kind'], toMs: number) => {
    const fromMs = open.get(kind);
    open.delete(kind);
    if (fromMs !== undefined && toMs > -LEAD_MS) spans.push({ kind, fromMs: Math.max(-LEAD_MS, fromMs), toMs });
  };
  for (const { at, kind } of deeds) {
    if (kind === 'make' && !open.has('there')) open.set('there', at);
    if (kind === 'serve' && !open.has('serving')) open.set('serving', at);
    if (kind === 'leave') close('serving', at);
    if (kind === 'delete') close('there', at);
  }
  close('serving', endMs);
  close('there', endMs);
  return spans.toSorted((a, b) => (a.kind === b.kind ? a.fromMs - b.fromMs : a.kind === 'there' ? -1 : 1));
}
