/** Why an app does or does not move: what its policies make of the lists as last polled, and what is held against it. */
import type { App } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { Skipped } from '../policy/choice.ts';
import { choose } from '../policy/choose.ts';
import type { AppState } from './app-state.ts';
import { whatWasDone } from './operator-refusal.ts';
import { isoOf } from './command-outcome.ts';
import type { DesiredGiven } from './desired.ts';

/** What the policy of one container chooses. */
export interface ImageChoice {
  readonly container: string;
  /** `registry/repository`. */
  readonly repository: string;
  readonly running: string | undefined;
  readonly chosen: string | undefined;
  readonly reason: string;
  readonly skipped: readonly Skipped[];
}

export function imageChoices(app: App, live: Release | undefined, given: DesiredGiven): readonly ImageChoice[] {
  return app.images.map((source) => {
    const { container, registry, policy } = source;
    const list = given.latest(source);
    const image = live?.images.find(
      (one) => one.container === container && one.registry === registry && one.repository === source.repository,
    );
    const running = image === undefined ? undefined : { name: image.tag, digest: image.digest };
    const place = { container, repository: `${registry}/${source.repository}`, running: running?.name };
    if (list?.kind !== 'known' && policy.kind !== 'pin') {
      const reason = list?.reason ?? `${place.repository} has not been polled yet`;
      return { ...place, chosen: undefined, reason, skipped: [] };
    }
    const tags = list?.kind === 'known' ? list.tags : [];
    const { chosen, reason, skipped } = choose(policy, tags, { running, now: given.now });
    return { ...place, chosen: chosen?.name, reason, skipped };
  });
}

/** Everything that is held against the app or against a release, in words; the first ones keep the most. */
export function heldBack({ operator, condemned, retry }: AppState): readonly string[] {
  const { pause, hold, refused, rollback } = operator;
  const words = (reason: string | undefined) => (reason === undefined ? '' : `: ${reason}`);
  return [
    ...(pause === undefined ? [] : [`paused since ${isoOf(pause.at)} by ${pause.by}${words(pause.reason)}`]),
    ...(hold === undefined ? [] : [`held since ${isoOf(hold.at)} by ${hold.by}: ${hold.reason}`]),
    ...(rollback === undefined
      ? []
      : [`to be rolled back to ${rollback.name}, says ${rollback.by} since ${isoOf(rollback.at)}`]),
    ...(refused === undefined ? [] : [`${whatWasDone(refused)}: it waits for a retry, or for a newer release`]),
    ...(retry === undefined
      ? []
      : [
          `release ${retry.releaseId} is tried again from ${isoOf(retry.notBefore)} on, after attempt ${retry.attempts}`,
        ]),
    ...condemned.map(({ name, at, reason }) => `${name} failed at ${isoOf(at)}: ${reason}`),
  ];
}
