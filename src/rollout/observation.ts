/**
 * What was just seen of the world, with when it was seen and what is missing. Edges fill it, `decide` judges by it.
 * Unknown is not empty: a look that failed is `known: false`, and nothing may be concluded from it.
 */
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { Measurement } from '../model/check.ts';
import type { SubnetRange } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import type { Refusal } from './effect.ts';
import type { Evidence } from './evidence.ts';

/**
 * One look at something. `at` is when the answer arrived, or when the look failed; `askedAt` when it was asked for, so that
 * what was seen was so at some moment between the two.
 */
export type Seen<T> =
  | { readonly known: true; readonly at: Instant; readonly askedAt?: Instant; readonly value: T }
  | { readonly known: false; readonly at: Instant; readonly reason: string };

export interface ObservedContainer {
  readonly name: string;
  /** Image reference as the group has it. */
  readonly image: string;
  /** ACI's currentState.state (Running, Waiting, Terminated, …); undefined while the group shows no instance view. */
  readonly state: string | undefined;
  readonly detail: string | undefined;
  readonly exitCode: number | undefined;
  readonly restarts: number;
}

export interface ObservedGroup {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly provisioningState: string;
  /** Group state of the instance view; undefined in lists, which carry none. */
  readonly state: string | undefined;
  readonly fqdn: string | undefined;
  readonly ip: string | undefined;
  readonly containers: readonly ObservedContainer[];
  /** Warnings of the group and its containers, newest last, at most 20. */
  readonly warnings: readonly string[];
  /** All of them, newest last, at most 20; absent in lists. */
  readonly events?: readonly string[];
}

export interface ObservedEndpoint {
  readonly name: string;
  readonly kind?: 'external' | 'nested' | 'azure';
  readonly target: string | undefined;
  readonly enabled: boolean;
  readonly weight?: number | undefined;
  readonly priority?: number | undefined;
  /** endpointLocation, as Azure spells it. */
  readonly location?: string | undefined;
  /** Present where it has any, as `subnets` is. */
  readonly geoMapping?: readonly string[];
  readonly subnets?: readonly SubnetRange[];
  /** Of a nested one: the profile that is its child. */
  readonly resourceId?: string;
  /** endpointMonitorStatus: Online, Degraded, CheckingEndpoint, Disabled, Inactive, Stopped, Unmonitored. */
  readonly monitorStatus: string;
}

export interface ObservedMonitor {
  /** HTTP, HTTPS or TCP. */
  readonly protocol: string;
  readonly port: number;
  /** Absent where it asks for none. */
  readonly path?: string;
  /** Statuses that it takes for healthy; 200 alone where absent. */
  readonly statuses?: readonly { readonly from: number; readonly to: number }[];
}

export interface ObservedProfile {
  readonly name: string;
  readonly fqdn: string;
  /** The longest of its own and those of its parents. */
  readonly ttlSeconds: number;
  readonly routingMethod: string;
  readonly enabled: boolean;
  /** MultiValue: how many addresses an answer has at most. */
  readonly maxReturn?: number;
  /** How it asks its endpoints whether they are healthy; absent where it does not say. */
  readonly monitor?: ObservedMonitor;
  readonly endpoints: readonly ObservedEndpoint[];
  /** Parents of the config that are not there, as `resourceGroup/profile`. */
  readonly missingParents?: readonly string[];
}

/** One probe of one group: a new result has a new `at`. */
export interface ProbeResult {
  readonly at: Instant;
  readonly ok: boolean;
  /** For people: `200 in 12 ms`, `connection refused`, `503, expected 200–299`. */
  readonly detail: string;
  /** Set where the request never left for the group (its name was not resolved): says nothing of the release. */
  readonly inconclusive?: boolean;
}

/** Somebody wants the rollout to go on; `full`: with no more checks and bakes, and this vote at each gate. */
export interface Vote {
  readonly by: string;
  readonly at: Instant;
  readonly full: boolean;
}

export interface Observation {
  /** Single GETs by group name; `undefined` as the value: it does not exist. Absent key: not looked at. */
  readonly groups: ReadonlyMap<string, Seen<ObservedGroup | undefined>>;
  /**
   * What Azure was not asked for this time: groups or profile are as they were last seen. Nothing new can be learned from
   * them, and proofs go on by probes alone. All is new where absent.
   */
  readonly asBefore?: { readonly groups: boolean; readonly profile: boolean };
  /** Undefined: the app has no profile. */
  readonly profile: Seen<ObservedProfile | undefined> | undefined;
  /** What Traffic Manager's own name servers answer for the profile's name; absent: they were not asked. */
  readonly names?: Seen<NameAnswers> | undefined;
  readonly probes: ReadonlyMap<string, ProbeResult>;
  /** The last refusal of each effect that was refused, by `effectKey`. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** One measurement of each check that was due, by `tallyKey`; none where absent. */
  readonly checks?: ReadonlyMap<string, Measurement>;
  /** The end of the log of each job that was asked for, by its group; without secrets. */
  readonly logs?: ReadonlyMap<string, Seen<string>>;
  /** Where it was asked for. */
  readonly evidence?: Evidence | undefined;
  /** For this rollout; none where absent. */
  readonly votes?: readonly Vote[];
}

/** Undefined where it was not seen, or is not there. */
export function seenProfile({ profile }: Pick<Observation, 'profile'>): ObservedProfile | undefined {
  return profile?.known === true ? profile.value : undefined;
}
