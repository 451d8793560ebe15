/** What is kept of releases that were live, for how long, and the way back to them. */
import { freshMemory } from '../../src/controller/idle.ts';
import { describe, expect, test } from 'vitest';
import { afterRollout, EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { noLongerKept, rememberTemplate, templateOf } from '../../src/controller/retained.ts';
import type { Release } from '../../src/model/release.ts';
import { beginWayBack } from '../../src/controller/way-back.ts';
import type { App, Retain, Strategy } from '../../src/model/app.ts';
import type { Stack } from '../../src/rollout/effect.ts';
import { startCleanUp, startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { app, release, stack, World } from '../rollout/world.ts';

const HOUR = 3_600_000;
const retain = (count: number): Retain => ({ forMs: HOUR, count });
const versions = (stacks: readonly Stack[]) => stacks.map((one) => one.release.images[0]?.tag);

/** The app's state in a world, after each of its rollouts. */
class Life {
  readonly world = new World();
  state: AppState = EMPTY_STATE;
  app: App;
  #ids = 0;

  constructor(given: { retain?: Retain; strategy?: Strategy } = {}) {
    const settings = { ...app.rollout, strategy: given.strategy ?? app.rollout.strategy, retain: given.retain };
    this.app = { ...app, rollout: settings };
  }

  newId = () => `${(this.#ids += 1)}`.padStart(8, '0');

  release(version: string): Rollout {
    const candidate = stack(this.newId(), version);
    this.state = rememberTemplate(this.state, this.app);
    return this.end(startRollout({ app: this.app, live: this.state.live, candidate, now: this.world.now }));
  }

  end(rollout: Rollout): Rollout {
    const end = this.world.run(rollout);
    this.state = parseAppState(
      'web',
      JSON.parse(JSON.stringify(afterRollout(this.state, end, { to: end.candidate?.release.images[0]?.tag ?? '' }))),
    );
    return end;
  }

  /** A rollout to this release, as far as the state goes; a sentence where there is none. */
  rollBack(wanted?: string): Rollout | string {
    const others = this.state.releases.filter(({ release: { id } }) => id !== this.state.live?.release.id);
    const tagOf = ({ images }: Release) => images[0]?.tag ?? '';
    const found = others.findLast(({ release: one }) => wanted === undefined || tagOf(one) === wanted)?.release;
    let said = 'nothing';
    const log = (_: unknown, message: string) => (said = message);
    const events = makeEvents({ debug: log, info: log, warn: log, error: log });
    const clock = { now: () => this.world.now, wait: () => Promise.resolve() };
    const turn = beginWayBack(
      { app: this.app, state: this.state, memory: freshMemory(), newId: this.newId, clock, events, owner: 'viridian' },
      { to: found?.id ?? 'unknown', name: wanted ?? 'the one before', by: 'alice', at: this.world.now },
    );
    this.state = turn.state ?? this.state;
    turn.announce?.();
    return turn.state?.rollout ?? said;
  }

  kept(): readonly (string | undefined)[] {
    return versions(this.state.retained.map(({ stack }) => stack));
  }

  gone(): readonly (string | undefined)[] {
    return versions(noLongerKept(this.state, this.app.rollout, this.world.now));
  }
}

const begun = (rollout: Rollout | string): Rollout => {
  if (typeof rollout === 'string') throw new Error(rollout);
  return rollout;
};

describe('what is kept', () => {
  test('S74: lives until its own stored time, whatever the config says later, unless that keeps nothing', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    const second = life.release('1.1.0');
    const [kept] = life.state.retained;
    expect([life.kept(), kept?.until]).toEqual([['1.0.0'], (second.finished?.at ?? 0) + HOUR]);
    expect([...life.world.groups.keys()]).toHaveLength(4);
    life.app = { ...life.app, rollout: { ...life.app.rollout, retain: { forMs: 1000, count: 1 } } };
    life.world.now = (kept?.until ?? 0) - 1;
    expect(life.gone()).toEqual([]);
    life.world.now += 1;
    expect(life.gone()).toEqual(['1.0.0']);
    life.world.now -= 1;
    life.app = { ...life.app, rollout: { ...life.app.rollout, retain: undefined } };
    expect(life.gone()).toEqual(['1.0.0']);
  });

  test('S74: of quick releases with a limit of two, the two newest are kept; a lower limit lets go now', () => {
    const life = new Life({ retain: retain(2) });
    for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0']) life.release(version);
    expect([life.kept(), life.gone()]).toEqual([['1.0.0', '1.1.0', '1.2.0'], ['1.0.0']]);
    const [oldest] = noLongerKept(life.state, life.app.rollout, life.world.now);
    if (oldest === undefined) throw new Error('one is too many');
    life.end(startCleanUp({ app: life.app, stray: oldest, id: 'cleaning', now: life.world.now }));
    expect([life.kept(), life.gone()]).toEqual([['1.1.0', '1.2.0'], []]);
    life.app = { ...life.app, rollout: { ...life.app.rollout, retain: retain(1) } };
    expect(life.gone()).toEqual(['1.1.0']);
  });

  test('S74: by count alone it stays for good, until newer ones push it out or the config keeps nothing any more', () => {
    const life = new Life({ retain: { count: 1 } });
    life.release('1.0.0');
    life.release('1.1.0');
    expect(life.state.retained.map(({ until }) => until)).toEqual([undefined]);
    life.world.now += 10_000 * HOUR;
    expect([life.kept(), life.gone()]).toEqual([['1.0.0'], []]);
    life.release('1.2.0');
    expect([life.kept(), life.gone()]).toEqual([['1.0.0', '1.1.0'], ['1.0.0']]);
    life.app = { ...life.app, rollout: { ...life.app.rollout, retain: undefined } };
    expect(life.gone()).toEqual(['1.0.0', '1.1.0']);
  });

  test('S74: by count alone, stopped, and without room on the way back, it is kept on for good', () => {
    const life = new Life({ retain: { count: 1, as: 'stopped' } });
    life.release('1.0.0');
    life.release('1.1.0');
    const refusal = { fault: 'world', code: 'ServiceUnavailable', message: 'no capacity' } as const;
    life.world.refuse(({ kind }) => kind === 'startGroup', refusal);
    expect(life.end(begun(life.rollBack())).finished?.outcome).toBe('RolledBack');
    expect(life.state.retained.map(({ as, until }) => [as, until])).toEqual([['stopped', undefined]]);
  });

  test('S75: a kept stack is out of rotation, and the rollout that replaced it is over without it', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    const end = life.release('1.1.0');
    expect(end.plan.at(-1)).toMatchObject({ kind: 'drain', side: 'live' });
    expect(end.finished?.outcome).toBe('Succeeded');
    const enabled = [...life.world.endpoints.values()].filter((one) => one.enabled);
    expect(enabled.map(({ name }) => name.includes('00000002'))).toEqual([true, true]);
    // A release after it is not kept waiting either.
    expect(life.release('1.2.0').finished?.outcome).toBe('Succeeded');
  });

  test('nothing is kept of what a strategy has deleted as it went, nor of a repair, nor of a failure', () => {
    const rolling = new Life({ retain: retain(2), strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } });
    rolling.release('1.0.0');
    rolling.release('1.1.0');
    expect(rolling.kept()).toEqual([]);
    const life = new Life({ retain: retain(2) });
    life.release('1.0.0');
    life.world.isHealthy = () => false;
    expect(life.release('1.1.0').finished?.outcome).toBe('RolledBack');
    expect(life.kept()).toEqual([]);
  });
});

describe('what is kept stopped', () => {
  const asStopped: Retain = { forMs: HOUR, count: 1, as: 'stopped' };
  const statesOf = (life: Life, id: string) =>
    [...life.world.groups].flatMap(([name, { state }]) => (name.includes(id) ? [state] : []));
  const logOf = (life: Life) => life.world.log.map((line) => line.replace(/ .*-/, ' '));

  test('S74: is stopped once it has drained, with its endpoints there and out of rotation; it has lost its proof', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    const end = life.release('1.1.0');
    expect(end.plan.slice(-2)).toMatchObject([
      { kind: 'drain', side: 'live' },
      { kind: 'stop', side: 'live' },
    ]);
    expect([statesOf(life, '00000001'), statesOf(life, '00000002')]).toEqual([
      ['Stopped', 'Stopped'],
      ['Running', 'Running'],
    ]);
    expect(life.state.retained).toMatchObject([{ as: 'stopped', until: (end.finished?.at ?? 0) + HOUR }]);
    expect(life.state.retained[0]?.proofs).toEqual({});
    expect([...life.world.endpoints.values()].map(({ enabled }) => enabled)).toEqual([false, false, true, true]);
  });

  test('S74: goes when its time is over, deleted after another whole drain', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.now += HOUR;
    expect(life.gone()).toEqual(['1.0.0']);
    const [stray] = noLongerKept(life.state, life.app.rollout, life.world.now);
    if (stray === undefined) throw new Error('its time is over');
    life.end(startCleanUp({ app: life.app, stray, id: 'cleaning', now: life.world.now }));
    expect([statesOf(life, '00000001'), life.kept()]).toEqual([[], []]);
  });

  test('S70: is started on the way back, proven anew, and serves; nothing is made, and the other side is stopped', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.log.length = 0;
    const rollout = begun(life.rollBack());
    const before = life.world.now;
    const registering = life.world.run(rollout, (one) => currentStep(one)?.kind === 'register');
    // Two successes, a second apart: what it had proven before counts no more.
    expect(life.world.now - before).toBeGreaterThanOrEqual(1000);
    life.end(registering);
    expect(logOf(life)).toEqual([
      'startGroup 1',
      'startGroup 2',
      'enableEndpoint 1',
      'enableEndpoint 2',
      'disableEndpoint 1',
      'disableEndpoint 2',
      'stopGroup 1',
      'stopGroup 2',
    ]);
    expect([versions([life.state.live ?? stack('', '')]), life.kept()]).toEqual([['1.0.0'], ['1.1.0']]);
  });

  test('S70: where a start finds no room the rollback says so and goes back; what was kept is kept on, and asked for again', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    const [kept] = life.state.retained;
    const quota = { fault: 'world', code: 'ContainerGroupQuotaReached', message: 'no cores are left' } as const;
    life.world.refuse(({ kind }) => kind === 'startGroup', quota);
    const end = life.end(begun(life.rollBack('1.0.0')));
    expect(end.turnedBack).toMatchObject({
      outcome: 'RolledBack',
      fault: 'world',
      reason: expect.stringMatching(/was kept, and cannot be started: ContainerGroupQuotaReached: no cores are left$/),
    });
    expect(life.state.retained).toEqual([kept]);
    expect(statesOf(life, '00000001')).toEqual(['Stopped', 'Stopped']);
    expect(versions([life.state.live ?? stack('', '')])).toEqual(['1.1.0']);
    const wanted = { to: release('1.0.0').id, name: '1.0.0', by: 'alice' };
    expect([life.state.operator.rollback, life.state.retry]).toMatchObject([wanted, { releaseId: wanted.to }]);
  });

  test('S70: so it is where a start is accepted, and fails later', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.log.length = 0;
    const starting = life.world.step(begun(life.rollBack())).rollout;
    for (const [name, group] of life.world.groups)
      if (name.includes('00000001'))
        life.world.groups.set(name, { ...group, provisioningState: 'Failed', state: 'Pending', warnings: ['no room'] });
    const end = life.end(starting);
    expect(end.turnedBack).toMatchObject({ fault: 'world', reason: expect.stringContaining('no room') });
    expect(logOf(life)).toEqual(['startGroup 1', 'startGroup 2', 'stopGroup 1', 'stopGroup 2']);
    expect([statesOf(life, '00000001'), life.kept()]).toEqual([['Stopped', 'Stopped'], ['1.0.0']]);
  });

  test('S70: one that is aborted is stopped again, and not asked for again', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    const online = life.world.run(begun(life.rollBack()), (one) => currentStep(one)?.kind === 'online');
    const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
    life.end(turnBack(online, told, life.world.now));
    expect([statesOf(life, '00000001'), life.kept()]).toEqual([['Stopped', 'Stopped'], ['1.0.0']]);
    expect(life.state.operator.rollback).toBeUndefined();
  });

  test('S70: one whose place a newer release takes is stopped again too', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    const verifying = life.world.run(begun(life.rollBack()), (one) => currentStep(one)?.kind === 'verify');
    const newer = { outcome: 'Superseded', reason: '1.2.0', fault: 'operator' } as const;
    life.end(turnBack(verifying, newer, life.world.now));
    expect([statesOf(life, '00000001'), life.kept()]).toEqual([['Stopped', 'Stopped'], ['1.0.0']]);
    expect(life.state.operator.rollback).toBeUndefined();
  });

  test('S70: one that does not answer any more goes, and is not asked for again', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.isHealthy = (name) => !name.includes('00000001');
    expect(life.end(begun(life.rollBack())).turnedBack).toMatchObject({ fault: 'release' });
    expect([statesOf(life, '00000001'), life.kept(), life.state.operator.rollback]).toEqual([[], [], undefined]);
  });

  test('S70: what could not be stopped in time stays running, and is gone back to all the same', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    const refusal = { fault: 'operator', code: 'AuthorizationFailed', message: 'no stop/action' } as const;
    life.world.refuse(({ kind }) => kind === 'stopGroup', refusal);
    expect(life.release('1.1.0').finished?.outcome).toBe('Succeeded');
    expect(statesOf(life, '00000001')).toEqual(['Running', 'Running']);
    life.world.log.length = 0;
    expect(life.end(begun(life.rollBack())).finished?.outcome).toBe('Succeeded');
    expect(logOf(life).filter((line) => /create|start/.test(line))).toEqual([]);
  });

  test('S104: what is stopped is no overlap: neither before its start nor after its stop', () => {
    const life = new Life({ retain: asStopped });
    life.release('1.0.0');
    life.release('1.1.0');
    const end = life.end(begun(life.rollBack()));
    const { spans } = end;
    const spanOf = (id: string) => Object.entries(spans).flatMap(([name, span]) => (name.includes(id) ? [span] : []));
    expect(spanOf('00000002').map(({ until }) => until)).toEqual([end.finished?.at, end.finished?.at]);
    expect(spanOf('00000001').map(({ from }) => from)).toEqual([end.startedAt, end.startedAt]);
    const warm = new Life({ retain: retain(1) });
    warm.release('1.0.0');
    warm.release('1.1.0');
    expect(Object.values(warm.end(begun(warm.rollBack())).spans).map(({ until }) => until)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});

describe('what is kept as gone', () => {
  test('S71: is deleted, and stays among the releases: the way back makes it anew and asks nobody', () => {
    const gate = { approvals: 1, timeoutMs: 1000, onTimeout: 'rollBack' } as const;
    const life = new Life({ retain: { forMs: HOUR, count: 1, as: 'gone' } });
    life.release('1.0.0');
    life.release('1.1.0');
    expect([life.kept(), life.world.groups.size]).toEqual([[], 2]);
    life.app = { ...life.app, rollout: { ...life.app.rollout, promotion: gate } };
    const end = life.end(begun(life.rollBack()));
    expect([end.finished?.outcome, end.plan.some(({ kind }) => kind === 'gate')]).toEqual(['Succeeded', false]);
    expect(life.world.log.filter((line) => line.startsWith('createGroup web-00000003'))).toHaveLength(2);
    expect(life.world.groups.size).toBe(2);
  });
});

describe('the way back', () => {
  test('R7: a kept stack that has broken meanwhile does not condemn its release, which ran before', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.isHealthy = (name) => !name.includes('00000001');
    const rollout = { ...begun(life.rollBack()), proofs: {} };
    expect(life.end(rollout).finished?.outcome).toBe('RolledBack');
    expect(life.state).toMatchObject({ condemned: [], retry: undefined });
    life.world.isHealthy = () => true;
    expect(life.end(begun(life.rollBack())).finished?.outcome).toBe('Succeeded');
    expect(life.state.live?.release.images[0]?.tag).toBe('1.0.0');
  });

  test('S70: within the time: rotation switches at once, nothing is made, and the other side is kept from then on', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    life.release('1.1.0');
    life.world.log.length = 0;
    const rollout = begun(life.rollBack());
    const before = life.world.now;
    const draining = life.world.run(rollout, (one) => currentStep(one)?.kind === 'drain');
    expect(life.world.now).toBe(before);
    expect(life.world.log.map((line) => line.replace(/ .*-/, ' '))).toEqual([
      'enableEndpoint 1',
      'enableEndpoint 2',
      'disableEndpoint 1',
      'disableEndpoint 2',
    ]);
    expect(life.kept()).toEqual([]);
    const end = life.end(draining);
    expect([versions([life.state.live ?? stack('', '')]), life.kept()]).toEqual([['1.0.0'], ['1.1.0']]);
    expect(life.state.retained[0]?.until).toBe((end.finished?.at ?? 0) + HOUR);
    expect(begun(life.rollBack()).candidate?.release.images[0]?.tag).toBe('1.1.0');
  });

  test('S70: a kept group that has restarted since has to prove itself again before it gets traffic', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    life.release('1.1.0');
    for (const [name, group] of life.world.groups)
      if (name.includes('00000001'))
        life.world.groups.set(name, { ...group, containers: group.containers.map((one) => ({ ...one, restarts: 1 })) });
    const rollout = begun(life.rollBack());
    const before = life.world.now;
    const registering = life.world.run(rollout, (one) => currentStep(one)?.kind === 'register');
    expect(registering.enteredAt - before).toBeGreaterThanOrEqual(1000);
  });

  test('not where its template says nothing of a location that was added since, and the reason is told', () => {
    const life = new Life();
    const document = { properties: {}, places: ['westeurope'] };
    life.app = { ...life.app, locations: ['westeurope'], template: { ...life.app.template, hash: 'aaaa', document } };
    life.release('1.0.0');
    const { template } = life.app;
    life.app = { ...life.app, template: { ...template, hash: 'bbbb', document: {} } };
    life.release('1.1.0');
    life.app = { ...life.app, locations: ['westeurope', 'northeurope'] };
    expect(life.rollBack('1.0.0')).toBe(
      'web: held: 1.0.0 cannot be rolled back to: its template was evaluated for westeurope, and nothing is known of northeurope; ' +
        'roll back once northeurope is no location of the app, or roll forward',
    );
    life.app = { ...life.app, locations: ['westeurope'] };
    expect(begun(life.rollBack('1.0.0')).reason).toBe('rollback');
  });

  test('S71: after that, while the release is known: made anew by the template that it ran by, with no gate asked', () => {
    const life = new Life();
    const gate = { approvals: 1, timeoutMs: 1000, onTimeout: 'rollBack' } as const;
    life.release('1.0.0');
    const template = { ...life.app.template, hash: 'bbbb', document: { changed: true } };
    life.app = { ...life.app, template };
    life.release('1.1.0');
    life.app = { ...life.app, rollout: { ...life.app.rollout, promotion: gate, bakeMs: HOUR } };
    const rollout = begun(life.rollBack('1.0.0'));
    expect(rollout).toMatchObject({ reason: 'rollback', candidate: { id: rollout.id } });
    expect(rollout.plan.map(({ kind }) => kind)).not.toContain('gate');
    expect(templateOf(life.state, life.app, release('1.0.0'))?.document).toEqual({});
    const before = life.world.now;
    expect(life.end(rollout).finished?.outcome).toBe('Succeeded');
    expect(life.world.now - before).toBeLessThan(HOUR);
    expect(life.world.log.filter((line) => line.startsWith('createGroup web-00000003'))).toHaveLength(2);
  });

  test('is refused where the template is not kept any more', () => {
    const life = new Life();
    life.release('1.0.0');
    life.release('1.1.0');
    life.app = { ...life.app, template: { ...life.app.template, hash: 'cccc' } };
    life.state = { ...life.state, templates: {} };
    expect(life.rollBack()).toBe(
      'web: held: the one before cannot be rolled back to: its images or the template that it ran by are not kept any more',
    );
    expect(life.state.operator.rollback).toBeUndefined();
  });

  test('S73: deploy, deploy, roll back: the history has the three in their order, and the releases what is live last', () => {
    const life = new Life({ retain: retain(1) });
    life.release('1.0.0');
    life.release('1.1.0');
    life.end(begun(life.rollBack()));
    expect(life.state.history.map(({ reason, to, outcome }) => [reason, to, outcome])).toEqual([
      ['firstDeployment', '1.0.0', 'Succeeded'],
      ['newRelease', '1.1.0', 'Succeeded'],
      ['rollback', '1.0.0', 'Succeeded'],
    ]);
    expect(life.state.releases.map(({ release }) => release.images[0]?.tag)).toEqual(['1.1.0', '1.0.0']);
  });
});
