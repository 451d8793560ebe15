/**
 * Weights for a share of traffic: Traffic Manager hands out each endpoint as often as its weight says, from 1 to 1000, and
 * knows no zero. Pure arithmetic, so that a config can be told before the first rollout what it would get, and a profile before
 * each.
 */

export interface Weights {
  readonly live: number;
  readonly candidate: number;
  /** Percent that the candidate gets by them. */
  readonly share: number;
}

const LEAST_WEIGHT = 1;
const MOST_WEIGHT = 1000;
/** Of floating point. */
const ROUNDING = 1e-9;

/** A share is met to within so much of it, or of the rest where that is smaller. */
const MOST_OFF = 0.1;

interface Endpoints {
  readonly live: number;
  readonly candidate: number;
}

/**
 * The pair that comes nearest to `share` percent for a candidate of so many endpoints beside so many live ones, and not above
 * it where weights can be that small; of two as near the larger, since it can be told apart from others best.
 */
export function weightsFor(share: number, endpoints: Endpoints): Weights {
  const ratio = (share * endpoints.live) / ((100 - share) * endpoints.candidate);
  const least = { live: MOST_WEIGHT, candidate: LEAST_WEIGHT };
  let best: Weights = { ...least, share: shareOf(least, endpoints) };
  for (let live = MOST_WEIGHT; live >= LEAST_WEIGHT; live -= 1) {
    const candidate = Math.min(MOST_WEIGHT, Math.floor(ratio * live + ROUNDING));
    if (candidate < LEAST_WEIGHT) break;
    const weights = { live, candidate, share: shareOf({ live, candidate }, endpoints) };
    const isBetter = best.share > share + ROUNDING || weights.share > best.share + ROUNDING;
    if (isBetter) best = weights;
  }
  return best;
}

/** What comes of a share that cannot be met; undefined where it can be. */
export function missedShare(share: number, endpoints: Endpoints): { readonly percent: number } | undefined {
  const { share: got } = weightsFor(share, endpoints);
  if (Math.abs(got - share) <= MOST_OFF * Math.min(share, 100 - share)) return undefined;
  return { percent: Math.round(got * 100) / 100 };
}

function shareOf(weights: Endpoints, endpoints: Endpoints): number {
  const candidate = weights.candidate * endpoints.candidate;
  return (100 * candidate) / (candidate + weights.live * endpoints.live);
}
