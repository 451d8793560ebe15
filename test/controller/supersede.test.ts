/** When a candidate gives way to another release before it is in rotation. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { supersede } from '../../src/controller/supersede.ts';
import type { TagSource } from '../../src/controller/ports.ts';
import type { App } from '../../src/model/app.ts';
import { makeRelease } from '../../src/model/release.ts';
import type { Tag } from '../../src/model/tag.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { app, stack, START } from '../rollout/world.ts';

const digest = (name: string) => `sha256:${name.replaceAll('.', '').padEnd(64, '0')}`;
const tag = (name: string): Tag => ({ name, digest: digest(name), pushedAt: START });
const live = stack('11111111', '1.0.0');
const candidate = stack('33333333', '3.0.0');
const rollout = startRollout({ app, live, candidate, now: START });

function seeing(...names: string[]) {
  return supersede(rollout, { app, state: { ...EMPTY_STATE, live }, tags: listing(names.map(tag)), ...given });
}

const given = { machine: MACHINE, now: START };

function listing(tags: readonly Tag[], lookedAt: number | undefined = START + 1): TagSource {
  return {
    latest: () => ({ kind: 'known' as const, tags }),
    lookedAt: () => lookedAt,
    look: () => undefined,
    want: () => undefined,
    check: async () => ({ kind: 'fit' as const, imageDigest: '' }),
  };
}

test('by a newer one', () => {
  expect(seeing('1.0.0', '3.0.0', '3.1.0')?.rollout.turnedBack).toMatchObject({ outcome: 'Superseded' });
});

test('R7: never by an older one, also where the list is from before the candidate was pushed', () => {
  expect(seeing('1.0.0', '2.0.0')).toBeUndefined();
});

describe('S62: a tag that was moved back to what runs', () => {
  const follows: App = {
    ...app,
    images: app.images.map((image) => ({ ...image, policy: { kind: 'digest', tag: 'latest', update: 'always' } })),
  };
  const stackOf = (version: string) => {
    const { id, groups } = stack(version.replaceAll('.', '').padEnd(8, '0'), version);
    const image = { container: 'web', registry: 'demo.azurecr.io', repository: 'web', tag: 'latest' };
    return { id, groups, release: makeRelease([{ ...image, digest: digest(version) }], app.template.hash) };
  };
  const latest: Tag = { name: 'latest', digest: digest('1.0.0'), pushedAt: START };
  const stacks = { live: stackOf('1.0.0'), candidate: stackOf('3.0.0') };
  const state = { ...EMPTY_STATE, live: stacks.live };
  const started = startRollout({ app: follows, ...stacks, now: START });
  const back = { app: follows, state, tags: listing([latest]), ...given };

  test('calls the candidate off, and condemns nothing', () => {
    const turned = supersede(started, back);
    expect(turned?.rollout.turnedBack).toMatchObject({ outcome: 'Superseded', fault: 'operator' });
    expect(turned?.change).toMatchObject({ reason: expect.stringContaining('which runs, is wanted again') });
  });

  test('does so in a closed window too: nothing is started for it', () => {
    expect(supersede(started, { ...back, isClosed: true })).toBeDefined();
  });

  test.each([
    ['of before the rollout, as another daemon may have', START],
    ['that nobody has looked at', undefined],
  ])('R6 R7: not by a list %s', (_, lookedAt) => {
    expect(supersede(started, { ...back, tags: { ...back.tags, lookedAt: () => lookedAt } })).toBeUndefined();
  });

  test('R6: not by a list that is not known', () => {
    const unknown = { kind: 'unknown' as const, reason: 'HTTP 500', stalled: false, retryAfterMs: undefined };
    expect(supersede(started, { ...back, tags: { ...back.tags, latest: () => unknown } })).toBeUndefined();
  });

  test('not what an operator goes back to', () => {
    const rollback = startRollout({ app: follows, ...stacks, now: START, isRollback: true });
    expect(supersede(rollback, back)).toBeUndefined();
  });

  test('not once the candidate may serve', () => {
    const exposed = [...started.exposed, ...stacks.candidate.groups.map(({ name }) => name)];
    expect(supersede({ ...started, exposed }, back)).toBeUndefined();
  });
});

test('R7: a version is not called off for what runs, whatever the list lacks', () => {
  expect(seeing('1.0.0')).toBeUndefined();
  expect(seeing()).toBeUndefined();
});

test('by nothing that could not start now', () => {
  const tags = listing(['3.1.0'].map(tag));
  expect(supersede(rollout, { app, state: { ...EMPTY_STATE, live }, tags, ...given, isClosed: true })).toBeUndefined();
});
