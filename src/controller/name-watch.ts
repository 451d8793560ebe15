/**
 * Watches what Traffic Manager's own name servers hand out while endpoints drain: an endpoint that somebody enables again
 * shows in their answers, so that the profile itself need not be read for that. They are asked so often that one that is
 * handed out for ten seconds is missed with a chance of one in a thousand at most; where that cannot be, they do not count.
 */
import type { Azure } from '../azure/azure.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { ObservedProfile } from '../rollout/observation.ts';
import { endpointOf } from '../rollout/rotation.ts';
import { currentStep, groupsIn } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';

const MISSED = 0.001;
const WINDOW_MS = 10 * SECOND;
/** To ask more often than that would be a burden to them. */
const SHORTEST_INTERVAL_MS = SECOND;
const LONGEST_INTERVAL_MS = 5 * SECOND;
const PATIENCE_MS = 2 * SECOND;
/** Where they cannot be asked, or cannot be asked often enough. */
const PAUSE_MS = MINUTE;

interface Given {
  readonly azure: Pick<Azure, 'nameAnswers'>;
  readonly clock: Clock;
}

export class NameWatch {
  #intervalMs = LONGEST_INTERVAL_MS;
  #askedAt: Instant | undefined;
  #notBefore: Instant = 0;
  #isQuiet = false;

  /** When to ask again, while they are of use. */
  get nextAt(): Instant | undefined {
    return this.#askedAt === undefined ? undefined : this.#askedAt + this.#intervalMs;
  }

  /** True where every target of the step's groups has stayed out of the answers since the last look at the profile. */
  async isQuiet(rollout: Rollout, profile: ObservedProfile, given: Given): Promise<boolean> {
    const now = given.clock.now();
    if (profile.routingMethod.toLowerCase() !== 'weighted' || now < this.#notBefore) return false;
    if (this.#askedAt !== undefined && now < this.#askedAt + this.#intervalMs) return this.#isQuiet;
    const answers = await answersInTime(profile.fqdn, given);
    const perLook = answers === undefined ? 0 : answers.servers * answers.answersEach;
    const intervalMs = (WINDOW_MS * perLook) / answersWanted(rollout, profile);
    if (answers === undefined || intervalMs < SHORTEST_INTERVAL_MS) return this.#giveUp(now);
    const isLate = this.#askedAt !== undefined && now > this.#askedAt + 2 * this.#intervalMs;
    this.#askedAt = now;
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, intervalMs);
    const targets = targetsOf(rollout);
    this.#isQuiet = !isLate && !answers.targets.some((target) => targets.has(target));
    return this.#isQuiet;
  }

  #giveUp(now: Instant): boolean {
    this.#notBefore = now + PAUSE_MS;
    this.#askedAt = undefined;
    this.#isQuiet = false;
    return false;
  }
}

function targetsOf(rollout: Rollout): ReadonlySet<string> {
  const step = currentStep(rollout);
  const groups = step === undefined ? [] : groupsIn(rollout, step);
  return new Set(groups.flatMap(({ name }) => rollout.targets[name]?.toLowerCase() ?? []));
}

/** In ten seconds, of all servers: by the endpoint that would be handed out the least. */
function answersWanted(rollout: Rollout, profile: ObservedProfile): number {
  const step = currentStep(rollout);
  const groups = step === undefined ? [] : groupsIn(rollout, step);
  const weights = groups.map((group) => endpointOf(profile, group)?.weight ?? 1);
  const others = profile.endpoints.reduce((sum, { enabled, weight = 1 }) => sum + (enabled ? weight : 0), 0);
  const least = Math.min(1000, ...weights);
  const share = least / (least + others);
  return share >= 1 ? 1 : Math.log(MISSED) / Math.log(1 - share);
}

async function answersInTime(fqdn: string, { azure, clock }: Given) {
  const ended = new AbortController();
  const late = clock.wait(PATIENCE_MS, ended.signal).then(() => undefined);
  const seen = await Promise.race([azure.nameAnswers(fqdn), late]);
  ended.abort();
  return seen?.known === true ? seen.value : undefined;
}
