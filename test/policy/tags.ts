/** Lists of tags for tests of policies. */
import type { TagFilter, TagPolicy } from '../../src/model/app.ts';
import type { ListedTag } from '../../src/policy/choice.ts';
import { choose } from '../../src/policy/choose.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';

export const MINUTE = 60_000;

/** Pushed a minute apart, in the order given. */
export function tags(...names: string[]): ListedTag[] {
  return names.map((name, index) => ({ name, digest: `sha256:${name}`, pushedAt: index * MINUTE }));
}

export const running = (name: string) => ({ name, digest: `sha256:${name}` });

export const filtered = (policy: TagPolicy, filter: Partial<TagFilter>): TagPolicy => ({
  ...policy,
  filter: { ...DEFAULT_FILTER, ...filter },
});

/** The name that is chosen of tags pushed in the order given, a day after the first. */
export function chosenName(
  policy: TagPolicy,
  names: readonly string[],
  current: string | undefined,
): string | undefined {
  return decide(policy, tags(...names), current).chosen?.name;
}

export function decide(policy: TagPolicy, list: readonly ListedTag[], current: string | undefined) {
  return choose(policy, list, {
    running: current === undefined ? undefined : running(current),
    now: 24 * 60 * MINUTE,
  });
}
