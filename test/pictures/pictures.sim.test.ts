/** The pictures of docs/strategies.md are those of runs by this code, and show each strategy as it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawAll } from './pictures.ts';
import { RUNS, timelineOf } from './runs.ts';
import type { Span, Timeline } from './runs.ts';

const spansOf = ({ groups }: Timeline, side: 'old' | 'new', kind: Span['kind']) =>
  groups.filter((group) => group.side === side).map(({ spans }) => spans.filter((span) => span.kind === kind));

async function run(name: string): Promise<Timeline> {
  const given = RUNS[name];
  if (given === undefined) throw new Error(`there is no run ${name}`);
  return timelineOf(given);
}

describe('a run in virtual time', () => {
  test.each(Object.keys(RUNS))('%s ends as its picture says', async (name) => {
    const { outcome, turnedBackMs } = await run(name);
    expect(outcome).toBe(name.endsWith('-back') ? 'RolledBack' : 'Succeeded');
    expect(turnedBackMs !== undefined).toBe(name.endsWith('-back'));
  });

  test('rolling: the next new group is made when the old one before it has gone', async () => {
    const timeline = await run('rolling');
    const gone = spansOf(timeline, 'old', 'there').map(([span]) => span?.toMs ?? 0);
    const made = spansOf(timeline, 'new', 'there').map(([span]) => span?.fromMs ?? 0);
    for (const [index, at] of made.slice(1).entries()) expect(at).toBeGreaterThanOrEqual(gone[index] ?? Infinity);
  });

  test('canary: each share is kept for its bake, and no more is given on the way to it', async () => {
    const { shares } = await run('canary');
    const given = shares.map(({ percent }) => Math.round(percent)).filter((percent) => percent > 6);
    // From the last share on the old endpoints leave one after the other.
    expect([given.filter((percent) => percent <= 50), given.at(-1)]).toEqual([[10, 50], 100]);
    expect(shares.every(({ percent }, index) => percent >= (shares[index - 1]?.percent ?? 0))).toBe(true);
  });

  test('S107: canary that falls ill: its share is gone within seconds, and the old groups never left', async () => {
    const timeline = await run('canary-back');
    const last = timeline.shares.at(-1);
    expect(last?.percent).toBe(0);
    expect((last?.atMs ?? Infinity) - (timeline.turnedBackMs ?? 0)).toBeLessThan(2000);
    expect(spansOf(timeline, 'old', 'serving').every((spans) => spans.length === 1)).toBe(true);
  });

  test('S108: waves that fall ill in the second location: the first comes back too, with no old group made', async () => {
    const timeline = await run('waves-back');
    expect(spansOf(timeline, 'old', 'there').every((spans) => spans.length === 1)).toBe(true);
    expect(spansOf(timeline, 'old', 'serving').every((spans) => spans.length === 2)).toBe(true);
  });

  test('in place: one endpoint after the other leads to its new group, and the old ones stay through the bake', async () => {
    const timeline = await run('in-place');
    const left = spansOf(timeline, 'old', 'serving').map(([span]) => span?.toMs ?? Infinity);
    const begun = spansOf(timeline, 'new', 'serving').map(([span]) => span?.fromMs ?? 0);
    expect(begun.toSorted((a, b) => a - b)).toEqual(left.toSorted((a, b) => a - b));
    expect(new Set(begun).size).toBe(3);
    const bake = timeline.steps.find(({ kind }) => kind === 'bake');
    for (const [there] of spansOf(timeline, 'old', 'there'))
      expect(there?.toMs).toBeGreaterThan(bake?.toMs ?? Infinity);
  });

  test('recreate with the new one first: the old one goes once the new one has proven itself', async () => {
    const timeline = await run('recreate-new-first');
    const proven = timeline.steps.find(({ kind }) => kind === 'verify');
    const [[old] = []] = spansOf(timeline, 'old', 'there');
    expect(old?.toMs).toBeGreaterThan(proven?.toMs ?? Infinity);
  });

  test('recreate with the old one first: never two at a time', async () => {
    const timeline = await run('recreate');
    const [[old] = []] = spansOf(timeline, 'old', 'there');
    const [[fresh] = []] = spansOf(timeline, 'new', 'there');
    expect(fresh?.fromMs).toBeGreaterThan(old?.toMs ?? Infinity);
  });
});

test('the pictures that are checked in are those that `npm run pictures` draws, and docs/strategies.md shows each', async () => {
  const pictures = await drawAll();
  const text = readFileSync('docs/strategies.md', 'utf8');
  expect(
    readdirSync('docs/pictures')
      .map((file) => `docs/pictures/${file}`)
      .sort(),
  ).toEqual([...pictures.keys()].sort());
  for (const [file, svg] of pictures) {
    expect(readFileSync(file, 'utf8') === svg, `${file} is old: npm run pictures`).toBe(true);
    expect(text).toContain(`](${file.replace('docs/', '')})`);
  }
});
