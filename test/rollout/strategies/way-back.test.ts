/** Every strategy, turned back at every single look: it ends with the live stack as it was, and enough served all the time. */
import { describe, expect, test } from 'vitest';
import type { RolloutSettings } from '../../../src/model/app.ts';
import { isPastNoReturn } from '../../../src/rollout/state.ts';
import type { Rollout } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { checkNamed, Story } from './story.ts';
import type { Plot } from './story.ts';

const PLACES = { west: 2, north: 1 };
const gate = { approvals: 1, autoAfterMs: 5000, timeoutMs: 60_000, onTimeout: 'rollBack' } as const;
const usual: Partial<RolloutSettings> = {
  bakeMs: 3000,
  promotion: gate,
  checks: { before: [checkNamed('smoke')], after: [checkNamed('rate')] },
};

interface Case {
  readonly name: string;
  readonly plot: Plot;
  /** Of three, while all that runs is healthy. */
  readonly fewest: number;
}

function strategyCase(
  name: string,
  strategy: RolloutSettings['strategy'],
  more: Partial<Case> & { settings?: Partial<RolloutSettings> } = {},
): Case {
  const { settings, ...rest } = more;
  return { name, fewest: 3, plot: { live: PLACES, settings: { ...usual, strategy, ...settings } }, ...rest };
}

const wave = (location: string) => ({ locations: [location], bakeMs: 3000, gate });
const cases: readonly Case[] = [
  strategyCase('blueGreen', { kind: 'blueGreen' }),
  strategyCase('blueGreen, kept', { kind: 'blueGreen' }, { settings: { retain: { forMs: 60_000, count: 1 } } }),
  strategyCase('blueGreen, S28 with a preview', { kind: 'blueGreen' }, { settings: { preview: { replicas: 1 } } }),
  strategyCase('rolling with one more', { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 }),
  strategyCase('rolling with one fewer', { kind: 'rolling', maxSurge: 0, maxUnavailable: 1 }, { fewest: 2 }),
  strategyCase(
    'rolling with one more and one fewer',
    { kind: 'rolling', maxSurge: 1, maxUnavailable: 1 },
    { fewest: 2 },
  ),
  strategyCase('canary', {
    kind: 'canary',
    steps: [
      { share: 10, bakeMs: 3000, gate },
      { share: 60, bakeMs: 0 },
    ],
  }),
  strategyCase('waves', { kind: 'waves', waves: [wave('west'), wave('north')] }),
];

/** How the rollout stands after each look, from the start to the end. */
function looksOf({ plot }: Case): readonly { rollout: Rollout; at: number }[] {
  const story = new Story(plot);
  const looks: { rollout: Rollout; at: number }[] = [];
  story.run(story.rollout, (rollout) => {
    looks.push({ rollout, at: looks.length });
    return false;
  });
  return looks;
}

/** The same world, after so many looks. */
function after(looks: number, { plot }: Case): { story: Story; rollout: Rollout } {
  const story = new Story(plot);
  let seen = -1;
  const rollout = story.run(story.rollout, () => (seen += 1) === looks);
  return { story, rollout };
}

const LIVE = ['old north-1', 'old west-1', 'old west-2'];
const TOLD = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;

describe.each(cases)('$name', (given) => {
  const looks = looksOf(given).filter(({ rollout }) => !isPastNoReturn(rollout));

  test('goes through with never fewer that serve than it says', () => {
    const story = new Story(given.plot);
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.fewestServing()).toBe(given.fewest);
  });

  test('aborted at any look: the live stack is as it was, and never did fewer serve', () => {
    expect(looks.length).toBeGreaterThan(20);
    for (const { at } of looks) {
      const { story, rollout } = after(at, given);
      const end = story.tell(turnBack(rollout, TOLD, story.now));
      expect({ at, outcome: end.finished?.outcome, ...story.state(), fewest: story.fewestServing() }).toEqual({
        at,
        outcome: 'Aborted',
        groups: LIVE,
        enabled: LIVE,
        fewest: expect.toSatisfy((n: number) => n >= given.fewest),
      });
    }
  });

  test('with new groups that fall ill at any look: back to all of the live stack, from what still serves of it', () => {
    const outcomes = new Map<string, number>();
    for (const { at } of looks) {
      const { story, rollout } = after(at, given);
      // Where all of the old ones have gone nothing serves any more: what is left is repaired afterwards.
      if (!story.state().enabled.some((name) => name.startsWith('old'))) continue;
      story.isHealthy = (name) => name.startsWith('old');
      story.monitor = (name) => (name.includes('old') ? 'Online' : 'Degraded');
      const from = story.moments.length;
      const { finished, turnedBack } = story.tell(rollout);
      const outcome = `${finished?.outcome} ${turnedBack?.fault}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (finished?.outcome !== 'RolledBack') continue;
      expect({ at, ...story.state() }).toEqual({ at, groups: LIVE, enabled: LIVE });
      expect(story.moments.slice(from).at(-1)?.serving).toBe(3);
    }
    expect(outcomes.get('RolledBack release')).toBeGreaterThan(5);
  });
});
