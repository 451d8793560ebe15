/**
 * Weights for a share of traffic: Traffic Manager hands out each endpoint as often as its weight says, from 1 to 1000, and
 * knows no zero. Pure arithmetic, so that a config can be told before the first rollout what it would get.
 */

export interface Weights {
  readonly live: number;
  readonly candidate: number;
  /** Percent that the candidate gets by them. */
  readonly share: number;
}

const LEAST_WEIGHT = 1;
const MOST_WEIGHT = 1000;

/**
 * The pair that comes nearest to `share` percent for a candidate of so many endpoints beside so many live ones; of two as
 * near the larger, since it can be told apart from others best.
 */
export function weightsFor(share: number, endpoints: { readonly live: number; readonly candidate: number }): Weights {
  const ratio = (share * endpoints.live) / ((100 - share) * endpoints.candidate);
  let best: Weights | undefined;
  for (let live = MOST_WEIGHT; live >= LEAST_WEIGHT; live -= 1) {
    const candidate = Math.min(MOST_WEIGHT, Math.max(LEAST_WEIGHT, Math.round(ratio * live)));
    const weights = { live, candidate, share: shareOf({ live, candidate }, endpoints) };
    if (best === undefined || Math.abs(weights.share - share) < Math.abs(best.share - share) - 1e-9) best = weights;
  }
  return best ?? { live: MOST_WEIGHT, candidate: LEAST_WEIGHT, share: 0 };
}

function shareOf(
  weights: { readonly live: number; readonly candidate: number },
  endpoints: { readonly live: number; readonly candidate: number },
): number {
  const candidate = weights.candidate * endpoints.candidate;
  return (100 * candidate) / (candidate + weights.live * endpoints.live);
}
