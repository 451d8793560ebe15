/** People, timers, checks and bakes in a blue-green rollout: who opens what, when, and what an unhealthy stack does to it. */
import { describe, expect, test } from 'vitest';
import type { Gate } from '../../../src/model/app.ts';
import { MOST_MEASUREMENTS } from '../../../src/rollout/check-tally.ts';
import { currentStep } from '../../../src/rollout/state.ts';
import type { Rollout } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { checkNamed, oneGate, Story } from './story.ts';
import type { Plot } from './story.ts';

const EVERYWHERE = { west: 2, north: 1 };

function gated(gate: Partial<Gate>, { settings, ...more }: Plot = {}): { story: Story; waiting: Rollout } {
  const promotion = { ...oneGate, ...gate };
  const story = new Story({ live: EVERYWHERE, ...more, settings: { ...settings, promotion } });
  return { story, waiting: story.tell(story.rollout, 'gate candidate') };
}

const vote = (by: string, at: number, full = false) => ({ by, at, full });
const isOpen = (story: Story, rollout: Rollout) => currentStep(story.step(rollout).rollout)?.kind !== 'gate';

describe('a gate', () => {
  test('S33: waits longer than every deadline, tells for whom and until when, and opens for a vote', () => {
    const { story, waiting } = gated({ timeoutMs: 3_000_000 });
    story.now += 2_000_000;
    const still = story.step(waiting);
    expect(still).toMatchObject({ change: undefined, effects: [], until: waiting.enteredAt + 3_000_000 });
    expect(still.waitingOn).toMatch(
      /^waiting for somebody to promote it until \d\d:\d\d:\d\dZ, then it is rolled back$/,
    );
    story.votes = [vote('ann', story.now)];
    expect(isOpen(story, still.rollout)).toBe(true);
  });

  test('S41: two different people are needed, the same one twice counts once', () => {
    const { story, waiting } = gated({ approvals: 2 });
    story.votes = [vote('ann', story.now), vote('ann', story.now + 1)];
    const still = story.step(waiting);
    expect(still.waitingOn).toContain('waiting for 2 different people to promote it (so far ann) until');
    story.votes = [...story.votes, vote('bob', story.now + 2)];
    expect(isOpen(story, still.rollout)).toBe(true);
  });

  test('S41: a vote from before the gate was reached does not count', () => {
    const { story, waiting } = gated({});
    story.votes = [vote('ann', waiting.enteredAt - 1)];
    expect(isOpen(story, waiting)).toBe(false);
    story.votes = [vote('ann', waiting.enteredAt)];
    expect(isOpen(story, waiting)).toBe(true);
  });

  test('S41: a rejection goes back with nothing in rotation, and condemns nothing', () => {
    const { story, waiting } = gated({ approvals: 2 });
    story.votes = [vote('ann', story.now)];
    const rejected = { outcome: 'Aborted', reason: 'rejected by bob', fault: 'operator' } as const;
    const end = story.tell(turnBack(waiting, rejected, story.now));
    expect(end).toMatchObject({ finished: { outcome: 'Aborted' }, turnedBack: { fault: 'operator' } });
    expect(story.log.filter((line) => line.includes('Endpoint'))).toEqual([]);
  });

  test('S41: that has expired goes back by the operator’s fault, not a moment before', () => {
    const { story, waiting } = gated({ timeoutMs: 60_000 });
    story.now = waiting.enteredAt + 59_999;
    expect(story.step(waiting).change).toBeUndefined();
    story.now += 1;
    expect(story.step(waiting).change).toMatchObject({
      kind: 'turnedBack',
      fault: 'operator',
      reason: 'nobody promoted it within 60 s',
    });
  });

  test.each([
    ['S34: a timer', { autoAfterMs: 30_000 }, 30_000],
    ['a timeout that promotes', { timeoutMs: 60_000, onTimeout: 'promote' }, 60_000],
  ] as const)('%s opens it by itself: not before, promptly after', (_, gate, afterMs) => {
    const { story, waiting } = gated(gate);
    const end = story.tell(waiting, 'register candidate');
    expect(end.enteredAt - waiting.enteredAt).toBe(afterMs);
  });

  test('S38: a timer opens it only once all replicas in all regions are healthy', () => {
    const { story, waiting } = gated({ autoAfterMs: 30_000, timeoutMs: 30_000 });
    story.now = waiting.enteredAt + 29_000;
    story.isHealthy = (name) => name !== 'new north-1';
    const failing = story.step(waiting);
    story.now += 1000;
    const still = story.step(failing.rollout);
    expect(still).toMatchObject({
      change: undefined,
      waitingOn: expect.stringContaining('new north-1 must prove itself again'),
    });
    story.isHealthy = () => true;
    expect(story.tell(still.rollout, 'register candidate').turnedBack).toBeUndefined();
  });

  test('S38: a replica that stays ill while people are waited for condemns the release', () => {
    const { story, waiting } = gated({});
    story.isHealthy = (name) => name !== 'new north-1';
    const end = story.tell(waiting);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(end.turnedBack?.reason).toContain('new north-1 fails its probe 3 times in a row');
  });
});

describe('a promotion of the whole rollout', () => {
  const checks = { before: [checkNamed('smoke', { count: 9 })], after: [checkNamed('rate', { count: 9 })] };

  // Its outcome is that of any other; who left what out is in the event command.applied (given.full), and in the votes.
  test('S36: leaves out the remaining checks, gates and bakes, and ends the ones that run', () => {
    const { story, waiting } = gated({}, { settings: { bakeMs: 600_000, checks } });
    story.votes = [vote('ann', story.now, true)];
    const end = story.tell(waiting);
    expect(end.finished?.outcome).toBe('Succeeded');
    // What was asked for at the look that ended it.
    expect(end.tallies['8 rate']?.counts.success).toBe(1);
    expect(story.now - waiting.enteredAt).toBeLessThan(30_000);
  });

  test.each(['check candidate before', 'bake candidate'])(
    'R3: and yet waits in %s for a group that has to prove itself again',
    (step) => {
      const story = new Story({ settings: { checks: { before: checks.before, after: [] }, bakeMs: 600_000 } });
      const [name = ''] = story.rollout.candidate?.groups.map((group) => group.name) ?? [];
      const entered = story.tell(story.rollout, step);
      const proof = entered.proofs[name];
      if (proof === undefined) throw new Error(`${name} has not proven itself`);
      const proofs = { ...entered.proofs, [name]: { ...proof, successes: 0, verifiedAt: undefined } };
      story.votes = [vote('ann', story.now, true)];
      story.isHealthy = (one) => one !== name;
      const still = story.step({ ...entered, proofs });
      expect(still.change).toBeUndefined();
      expect(still.waitingOn).toContain(`${name} must prove itself again`);
    },
  );

  test('S36: ends a check that runs, and one that has failed no limit yet', () => {
    const story = new Story({ settings: { checks } });
    const checking = story.tell(story.rollout, 'check candidate before');
    const running = story.step(checking);
    expect(running.waitingOn).toContain('1 of 9 measured');
    story.votes = [vote('ann', story.now, true)];
    expect(story.step(running.rollout).change).toMatchObject({ kind: 'stepDone', step: { kind: 'check' } });
  });

  test('S36: does not send traffic to a group that has not proven itself', () => {
    const story = new Story();
    const verifying = story.tell(story.rollout, 'verify candidate');
    story.votes = [vote('ann', story.now, true)];
    story.isHealthy = (name) => name.startsWith('old');
    expect(story.tell(verifying).finished?.outcome).toBe('RolledBack');
    expect(story.log.filter((line) => line.startsWith('enable'))).toEqual([]);
  });

  test('S41: by one person is one vote where a gate asks for two', () => {
    const { story, waiting } = gated({ approvals: 2 });
    story.votes = [vote('ann', waiting.startedAt, true)];
    const still = story.step(waiting);
    expect(still.waitingOn).toContain('(so far ann)');
    story.votes = [...story.votes, vote('bob', story.now)];
    expect(isOpen(story, still.rollout)).toBe(true);
  });
});

describe('checks', () => {
  const smoke = { before: [checkNamed('smoke')], after: [checkNamed('rate')] };

  test('S31: the kitchen sink: checked, opened by its timer and not before, switched, checked, and back on the old stack', () => {
    const { story, waiting } = gated({ autoAfterMs: 30_000 }, { settings: { bakeMs: 10_000, checks: smoke } });
    const checking = story.tell(waiting, 'check candidate after');
    story.measure = (name) => (name === 'rate' ? 'failure' : 'success');
    expect(checking.enteredAt - waiting.enteredAt).toBeGreaterThanOrEqual(40_000);
    story.lines.length = 0;
    const draining = story.tell(checking, 'drain candidate');
    // The new stack is kept for as long as clients may be sent to it.
    expect(story.groups.size).toBe(6);
    const end = story.tell(draining);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect((end.finished?.at ?? 0) - draining.enteredAt).toBe(17_000);
    expect(story.lines.join()).not.toContain('make ');
    expect(story.state().enabled).toEqual(['old north-1', 'old west-1', 'old west-2']);
  });

  test('S43: that fail before the switch keep the candidate out of rotation for good', () => {
    const story = new Story({ settings: { checks: smoke } });
    story.measure = () => 'failure';
    expect(story.tell()).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.log.filter((line) => line.includes('Endpoint'))).toEqual([]);
  });

  test('S47: a dry run never decides, and keeps so many measurements only', () => {
    const checks = {
      before: [checkNamed('trial', { isDryRun: true, count: 30, failureLimit: 99 })],
      after: [checkNamed('rate', { isDryRun: true })],
    };
    const story = new Story({ settings: { checks } });
    story.measure = () => 'failure';
    const end = story.tell();
    expect(end.finished?.outcome).toBe('Succeeded');
    const [trial] = Object.entries(end.tallies).flatMap(([key, tally]) => (key.endsWith('trial') ? [tally] : []));
    expect([trial?.counts.failure, trial?.recent.length]).toEqual([30, MOST_MEASUREMENTS]);
  });

  const hook = (laterMs: number, waits: { waitMs?: number } = {}) => {
    const on = { on4xx: 'failure', on5xx: 'error', headers: {}, secret: undefined, ...waits } as const;
    return checkNamed('hook', { count: 1, source: { kind: 'webhook', url: 'https://hook.example', laterMs, ...on } });
  };

  test('S102: that put their answer off are waited for, and count for nothing meanwhile', () => {
    const story = new Story({ settings: { checks: { before: [hook(1_800_000)], after: [] } } });
    const begunAt = story.now;
    story.retryAfterMs = () => (story.now < begunAt + 1_500_000 ? 60_000 : undefined);
    const end = story.tell();
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(story.now - begunAt).toBeLessThan(1_600_000);
    expect(end.tallies['2 hook']?.counts).toEqual({ success: 1, failure: 0, error: 0, inconclusive: 0 });
  });

  test('S102: that put it off for longer than they may turn the rollout back, and blame nobody', () => {
    const story = new Story({ settings: { checks: { before: [hook(600_000)], after: [] } } });
    story.retryAfterMs = () => 60_000;
    const end = story.tell();
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'world' } });
    expect(story.now - story.rollout.startedAt).toBeLessThan(900_000);
    expect(story.log.filter((line) => line.includes('Endpoint'))).toEqual([]);
  });

  describe('that confirm', () => {
    const HOUR = 3_600_000;
    const asked = (settings: Plot['settings'] = {}) => {
      const checks = { before: [hook(0, { waitMs: HOUR })], after: [] };
      const story = new Story({ settings: { checks, ...settings } });
      // Refused, as often as it is asked.
      story.retryAfterMs = () => 0;
      const checking = story.tell(story.rollout, 'check candidate before');
      return { story, checking, held: story.step(story.step(checking).rollout) };
    };

    test('S40: hold the rollout until they do: every deadline stops, and nothing is in rotation', () => {
      const deadlines = { ...new Story().app.rollout.deadlines, totalMs: 60_000 };
      const { story, checking, held } = asked({ deadlines });
      const until = checking.enteredAt + HOUR;
      expect(held).toMatchObject({ change: undefined, until, rollout: { heldSince: expect.any(Number) } });
      expect(held.waitingOn).toMatch(
        /^waiting for check hook \(last: .*\) to confirm it until \d\d:\d\d:\d\dZ, then it is rolled back$/,
      );
      const confirmedAt = checking.enteredAt + HOUR - 60_000;
      story.retryAfterMs = () => (story.now < confirmedAt ? 0 : undefined);
      const end = story.tell(held.rollout);
      expect(end.finished?.outcome).toBe('Succeeded');
      expect(end.heldMs).toBeGreaterThan(HOUR - 70_000);
      expect(end.tallies['2 hook']?.counts).toEqual({ success: 1, failure: 0, error: 0, inconclusive: 0 });
    });

    test('S40: take no longer than they may: then it goes back, and waits for a person to say so', () => {
      const { story, checking, held } = asked();
      const end = story.tell(held.rollout);
      expect(end).toMatchObject({
        finished: { outcome: 'RolledBack' },
        turnedBack: {
          fault: 'operator',
          needsPerson: true,
          at: checking.enteredAt + HOUR,
          reason: expect.stringContaining('check hook was not confirmed within 3600 s, last: '),
        },
      });
      expect(story.log.filter((line) => line.includes('Endpoint'))).toEqual([]);
    });

    test('S40: are left out by a person who promotes the rollout', () => {
      const { story, held } = asked();
      story.votes = [vote('ann', story.now)];
      expect(story.step(held.rollout).change).toMatchObject({ kind: 'stepDone', step: { kind: 'check' } });
    });

    test('S40: do not hold a candidate that fails meanwhile', () => {
      const { story, held } = asked();
      story.isHealthy = (name) => name.startsWith('old');
      expect(story.tell(held.rollout)).toMatchObject({ turnedBack: { fault: 'release' } });
    });
  });

  test.each([
    ['a rollback', { isRollback: true }, ['always before', 'always after']],
    ['a repair', { isRepair: true }, []],
    ['a new release', {}, ['new before', 'always before', 'always after']],
  ] as const)('S102: of %s are those that apply to it, the others are left out', (_, origin, expected) => {
    const always = checkNamed('always', { count: 1, on: ['newRelease', 'rollback'] });
    const checks = { before: [checkNamed('new', { count: 1 }), always], after: [{ ...always, name: 'always' }] };
    const story = new Story({ settings: { checks }, origin });
    const asked: string[] = [];
    story.measure = (name) => {
      asked.push(`${name} ${story.lines.at(-1)?.split(' ').at(-1)}`);
      return 'success';
    };
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(asked).toEqual(expected);
  });

  test('S60: are measured anew by the next rollout: it starts with none', () => {
    const story = new Story({ settings: { checks: smoke } });
    const checking = story.step(story.tell(story.rollout, 'check candidate before')).rollout;
    expect(Object.keys(checking.tallies)).toHaveLength(1);
    const why = { outcome: 'Superseded', reason: '1.2.0', fault: 'operator' } as const;
    expect(story.tell(turnBack(checking, why, story.now)).finished?.outcome).toBe('Superseded');
    expect(new Story({ settings: { checks: smoke } }).rollout.tallies).toEqual({});
  });
});
