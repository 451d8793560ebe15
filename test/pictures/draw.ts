/**
 * A timeline as an SVG: the steps above, a lane for each group, and the share of the new release below. Colours follow the
 * reader's light or dark mode, and no text is smaller than it reads well at 900 pixels.
 */
import { LEAD_MS } from './runs.ts';
import type { GroupLine, StepSpan, Timeline } from './runs.ts';

const WIDTH = 900;
const LEFT = 128;
const RIGHT = 16;
const STEPS_TOP = 44;
const STEPS_HEIGHT = 22;
const LANE = 22;
const SHARE_HEIGHT = 54;
/** Of a character of the small font, in pixels: enough to tell whether a word fits. */
const CHARACTER = 6.6;

/** What a step is for; each has its colour. */
const PURPOSES: Readonly<Record<string, string>> = {
  provision: 'make',
  verify: 'make',
  check: 'ask',
  gate: 'ask',
  register: 'switch',
  online: 'switch',
  weigh: 'switch',
  swap: 'switch',
  deregister: 'switch',
  bake: 'watch',
  drain: 'wait',
  retire: 'remove',
};
const LEGEND = [
  ['make', 'make and prove'],
  ['ask', 'ask'],
  ['switch', 'switch'],
  ['watch', 'watch'],
  ['wait', 'drain'],
  ['remove', 'delete'],
] as const;

const STYLE = `
    text { font: 12px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: #24292f }
    .small { font-size: 11px } .dim { fill: #57606a } .on { fill: #ffffff; font-size: 11px } .paper { fill: #ffffff }
    .line { stroke: #d0d7de } .back { stroke: #cf222e; stroke-dasharray: 4 3 } .backText { fill: #cf222e }
    .old-there { fill: #c9d9f2 } .old-serving { fill: #2f6fd0 } .new-there { fill: #bfe5cb } .new-serving { fill: #1a7f45 }
    .make { fill: #7048b6 } .ask { fill: #bf3989 } .switch { fill: #b35900 } .watch { fill: #1b7c83 }
    .wait { fill: #8c959f } .remove { fill: #a40e26 } .share { fill: #1a7f45; fill-opacity: 0.25 } .edge { stroke: #1a7f45 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .dim { fill: #9da7b3 } .on { fill: #ffffff } .paper { fill: #0d1117 } .line { stroke: #30363d }
      .back { stroke: #ff7b72 } .backText { fill: #ff7b72 }
      .old-there { fill: #23395d } .old-serving { fill: #4c8df6 } .new-there { fill: #1c3d2a } .new-serving { fill: #3fb561 }
      .make { fill: #8a63d2 } .ask { fill: #db61a2 } .switch { fill: #bb6a14 } .watch { fill: #2b8a91 } .wait { fill: #59636e } .remove { fill: #c4303f }
      .share { fill: #3fb561; fill-opacity: 0.3 } .edge { stroke: #3fb561 }
    }`;

export function drawTimeline(title: string, timeline: Timeline): string {
  const { endMs, groups, steps, shares, turnedBackMs } = timeline;
  const x = (ms: number) => round(LEFT + ((ms + LEAD_MS) / (endMs + LEAD_MS)) * (WIDTH - LEFT - RIGHT));
  const lanesTop = STEPS_TOP + STEPS_HEIGHT + 26;
  const lanesEnd = lanesTop + groups.length * LANE;
  const shareTop = lanesEnd + 12;
  const axis = shares.length === 0 ? lanesEnd + 4 : shareTop + SHARE_HEIGHT;
  const height = axis + 48;
  const isWorker = shares.length === 0;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">`,
    `  <title>${title}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>`,
    ...legend(steps),
    ...ticks({ x, endMs, top: STEPS_TOP + STEPS_HEIGHT, bottom: axis }),
    ...stepBand(steps, x),
    ...groups.flatMap((group, index) => lane(group, { x, y: lanesTop + index * LANE, isWorker })),
    ...(isWorker ? [] : shareArea(timeline, { x, top: shareTop })),
    ...(turnedBackMs === undefined ? [] : backMark(x(turnedBackMs), axis)),
    ...lanesLegend(height - 12, isWorker),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function legend(steps: readonly StepSpan[]): string[] {
  let at = LEFT;
  const used = new Set(steps.map(({ kind }) => PURPOSES[kind]));
  return LEGEND.filter(([purpose]) => used.has(purpose)).flatMap(([purpose, words]) => {
    const here = at;
    at += 26 + words.length * CHARACTER;
    return [
      `  <rect class="${purpose}" x="${round(here)}" y="15" width="11" height="11" rx="2"/>`,
      text(here + 16, 25, words, 'small'),
    ];
  });
}

function lanesLegend(y: number, isWorker: boolean): string[] {
  const entries = isWorker
    ? ([
        ['old-serving', 'old group runs'],
        ['new-serving', 'new group runs'],
      ] as const)
    : ([
        ['old-serving', 'old, in rotation'],
        ['old-there', 'old, out of rotation'],
        ['new-serving', 'new, in rotation'],
        ['new-there', 'new, not in rotation'],
      ] as const);
  return entries.flatMap(([name, words], index) => {
    const here = LEFT + index * 150;
    return [
      `  <rect class="${name}" x="${here}" y="${y - 10}" width="22" height="11" rx="2"/>`,
      text(here + 28, y, words, 'small'),
    ];
  });
}

/** The steps in a row, and above those of one part its name. */
function stepBand(steps: readonly StepSpan[], x: (ms: number) => number): string[] {
  const rects = steps.flatMap(({ kind, fromMs, toMs }) => {
    const [from, to] = [x(fromMs), x(toMs)];
    const width = Math.max(1, round(to - from));
    const rect = `  <rect class="${PURPOSES[kind] ?? 'wait'}" x="${from}" y="${STEPS_TOP + 16}" width="${width}" height="${STEPS_HEIGHT}"><title>${kind}, ${seconds(toMs - fromMs)}</title></rect>`;
    const word = `${kind} ${seconds(toMs - fromMs)}`;
    const fits = [word, kind].find((one) => one.length * CHARACTER + 6 < width);
    return fits === undefined ? [rect] : [rect, text(from + 5, STEPS_TOP + 31, fits, 'on')];
  });
  return [text(LEFT - 10, STEPS_TOP + 31, 'steps', 'end'), ...rects, ...partNames(steps, x)];
}

function partNames(steps: readonly StepSpan[], x: (ms: number) => number): string[] {
  const lines: string[] = [];
  let last: string | undefined;
  let freeFrom = 0;
  for (const { part, fromMs } of steps) {
    const name = part?.replace(/,? (before|after|first)$/, '');
    const at = x(fromMs);
    if (name !== undefined && name !== last && at >= freeFrom) {
      lines.push(text(at, STEPS_TOP + 10, name, 'small dim'));
      freeFrom = at + (name.length + 2) * CHARACTER;
    }
    last = name;
  }
  return lines;
}

function lane(
  { side, label, spans }: GroupLine,
  { x, y, isWorker }: { x: (ms: number) => number; y: number; isWorker: boolean },
): string[] {
  const rects = spans.map(({ kind, fromMs, toMs }) => {
    const name = `${side}-${isWorker ? 'serving' : kind}`;
    const [from, to] = [x(fromMs), x(toMs)];
    return `  <rect class="${name}" x="${from}" y="${y + 3}" width="${Math.max(1, round(to - from))}" height="${LANE - 6}" rx="2"/>`;
  });
  return [text(LEFT - 10, y + 15, label, 'end'), ...rects];
}

function shareArea({ shares, endMs }: Timeline, { x, top }: { x: (ms: number) => number; top: number }): string[] {
  const bottom = top + SHARE_HEIGHT;
  const y = (percent: number) => round(bottom - (percent / 100) * (SHARE_HEIGHT - 14));
  const path = shares.map(
    ({ atMs, percent }, index) =>
      `${index === 0 ? 'M' : `H${x(atMs)} V`}${index === 0 ? `${x(atMs)} ` : ''}${y(percent)}`,
  );
  const edge = `${path.join(' ')} H${x(endMs)}`;
  const labels = shares.flatMap(({ atMs, percent }, index) => {
    const word = `${Math.round(percent)} %`;
    const until = x(shares[index + 1]?.atMs ?? endMs);
    // Of steps too short for a word the last one counts.
    if (percent === 0 || until - x(atMs) < word.length * CHARACTER) return [];
    return [text(x(atMs) + 3, y(percent) - 3, word, 'small')];
  });
  return [
    text(LEFT - 10, bottom - 22, 'new answers', 'end'),
    text(LEFT - 10, bottom - 8, 'to the new', 'end'),
    `  <path class="share" d="${edge} V${bottom} H${LEFT} Z"/>`,
    `  <path class="edge" fill="none" stroke-width="1.5" d="${edge}"/>`,
    ...labels,
  ];
}

function ticks({
  x,
  endMs,
  top,
  bottom,
}: {
  x: (ms: number) => number;
  endMs: number;
  top: number;
  bottom: number;
}): string[] {
  const minutes = Math.floor(endMs / 60_000);
  const lines = Array.from({ length: minutes + 1 }, (_, minute) => minute).flatMap((minute) => [
    `  <path class="line" d="M${x(minute * 60_000)} ${top} V${bottom}"/>`,
    text(x(minute * 60_000), bottom + 14, `${minute} min`, minute === 0 ? 'small dim' : 'small dim middle'),
  ]);
  return [...lines, `  <path class="line" d="M${LEFT} ${bottom} H${WIDTH - RIGHT}"/>`];
}

function backMark(at: number, bottom: number): string[] {
  return [
    `  <path class="back" stroke-width="1.5" d="M${at} 34 V${bottom}"/>`,
    text(at + 4, 40, 'turned back', 'small backText'),
  ];
}

function text(at: number, y: number, words: string, classes: string): string {
  const [anchor] = classes.split(' ').flatMap((name) => (name === 'end' || name === 'middle' ? [name] : []));
  const names = classes
    .split(' ')
    .filter((name) => name !== anchor)
    .join(' ');
  const attributes = `${names === '' ? '' : ` class="${names}"`}${anchor === undefined ? '' : ` text-anchor="${anchor}"`}`;
  return `  <text x="${round(at)}" y="${y}"${attributes}>${words}</text>`;
}

function seconds(ms: number): string {
  return ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 6000) / 10} min`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
