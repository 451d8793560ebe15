/** What is pushed to the repositories of a drawn app, and when: versions that grow, some of them bad, some tags that move. */
import { SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import type { AppOptions, Push } from './options.ts';
import { WEB } from './release-words.ts';

/** Of an app that has two images. */
export interface SetOptions {
  readonly settleMs: number;
}

/** The container beside `web`, before it in the order of names. */
export const BESIDE = 'api';

const KINDS = ['good', 'good', 'good', 'unhealthy', 'crash', 'slow', 'moved'] as const;
type Kind = (typeof KINDS)[number];

export function repositoryOf(app: string, container: string): string {
  return container === WEB ? app : `${app}-${container}`;
}

/** The last one, at the end of the faults, is good. */
export function drawPushes(chance: Chance, app: string, faultMs: number): Push[] {
  const times = Array.from({ length: chance.whole(0, 5) }, () => Math.floor(chance.next() * faultMs)).sort(
    (a, b) => a - b,
  );
  const middle = times.map((at, index): Push => ({ at, app, ...drawVersion(chance, index) }));
  return [{ at: 0, app, tag: '1.0.0', program: {} }, ...middle, { at: faultMs, app, tag: `2.0.0`, program: {} }];
}

/** One app of five has a second image. */
export function drawSet(chance: Chance): SetOptions | undefined {
  const isSet = chance.happens(0.2);
  const settleMs = chance.pick([0, 45, 60, 120]) * SECOND;
  return isSet ? { settleMs } : undefined;
}

/**
 * Of the second image: many come with one of the first, before or after it, within the settle time or beyond; some come
 * alone. The last one is good, and may be the last of all.
 */
export function drawPushesBeside(
  chance: Chance,
  { name, set }: Pick<AppOptions, 'name' | 'set'>,
  given: { readonly pushes: readonly Push[]; readonly faultMs: number },
): readonly Push[] {
  if (set === undefined) return [];
  const { faultMs } = given;
  const first = given.pushes.filter(({ app, at }) => app === name && at > 0 && at < faultMs);
  const within = (at: number) => Math.min(Math.max(at, 1), faultMs - 1);
  const paired = first
    .filter(() => chance.happens(0.6))
    .map(({ at }) => within(at + drawApartMs(chance, set.settleMs)));
  const alone = Array.from({ length: chance.whole(0, 2) }, () => within(Math.floor(chance.next() * faultMs)));
  const times = [...paired, ...alone].sort((a, b) => a - b);
  const of = { app: name, container: BESIDE } as const;
  const middle = times.map((at, index): Push => ({ at, ...of, ...drawVersion(chance, index) }));
  const last = faultMs + drawApartMs(chance, set.settleMs);
  return [{ at: 0, ...of, tag: '1.0.0', program: {} }, ...middle, { at: last, ...of, tag: '2.0.0', program: {} }];
}

function drawApartMs(chance: Chance, settleMs: number): number {
  const sign = chance.happens(0.3) ? -1 : 1;
  const withinMs = chance.whole(1, Math.max(1, settleMs / SECOND - 1)) * SECOND;
  const beyondMs = settleMs + chance.whole(1, 120) * SECOND;
  return sign * chance.pick([0, withinMs, withinMs, beyondMs]);
}

function drawVersion(chance: Chance, index: number): Pick<Push, 'tag' | 'program'> {
  const kind = chance.pick(KINDS);
  return { tag: `1.${kind === 'moved' ? index : index + 1}.0`, program: drawProgram(chance, kind) };
}

function drawProgram(chance: Chance, kind: Kind): Push['program'] {
  switch (kind) {
    case 'unhealthy':
      return { healthy: false };
    case 'crash':
      return { crash: true };
    case 'slow':
    case 'moved':
      return { startMs: chance.whole(1, 20) * SECOND };
    case 'good':
      return {};
  }
}
