/** Effects: idempotent commands as data. Decided here, done by src/azure, judged only by what is observed afterwards. */
import type { Tags, TrafficMapping } from '../model/app.ts';
import type { JobSource, Phase } from '../model/check.ts';
import type { Release } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { ObservedGroup } from './observation.ts';

/** One container group that a stack has or shall have. */
export interface StackGroup {
  /** Name of the group and its DNS label: lower-case, at most 63 characters. */
  readonly name: string;
  readonly location: string;
  readonly replica: number;
  /** Name of its Traffic Manager endpoint. */
  readonly endpoint: string;
  /** That name outlives the group: the endpoint is the group's only as long as its target leads there. */
  readonly byTarget?: boolean | undefined;
  /** Somebody else made it and its endpoint, and it was taken over as it stood. */
  readonly adopted?: Adopted | undefined;
}

export interface Adopted {
  /** What its endpoint was led to, where that is not what Viridian would write or does not begin with the group's name. */
  readonly target?: string | undefined;
  /** Of its endpoint, as it was found; in place of the app's. */
  readonly weight?: number | undefined;
}

/** The container groups that run one release. Its id is the id of the rollout that made it. */
export interface Stack {
  readonly id: string;
  readonly release: Release;
  readonly groups: readonly StackGroup[];
}

export type Effect =
  | {
      readonly kind: 'createGroup';
      readonly group: StackGroup;
      readonly stack: Stack;
      /** Beside those of the template. */
      readonly tags?: Tags;
    }
  /** `tags`: all that it shall have, in place of those that it has. */
  | { readonly kind: 'tagGroup'; readonly group: StackGroup; readonly tags: Tags }
  | { readonly kind: 'deleteGroup'; readonly group: StackGroup }
  /** Nothing of it is deleted; CPU and memory are not billed until it is started. */
  | { readonly kind: 'stopGroup'; readonly group: StackGroup }
  /** Of one that is stopped; its address may be another one afterwards. */
  | { readonly kind: 'startGroup'; readonly group: StackGroup }
  | {
      readonly kind: 'createJob';
      readonly group: StackGroup;
      readonly check: string;
      readonly source: JobSource;
      readonly stack: Stack;
      readonly phase: Phase;
      /** Names or addresses of the candidate's groups. */
      readonly targets: readonly string[];
    }
  | { readonly kind: 'deleteJob'; readonly group: StackGroup }
  | {
      readonly kind: 'enableEndpoint';
      readonly group: StackGroup;
      readonly target: string;
      /** The app's where absent. */
      readonly weight?: number;
      /** What an endpoint that is new is mapped to; one that is there keeps what it has. */
      readonly mapping?: TrafficMapping;
    }
  /** The endpoint that is there is led to the group; all else of it stays. */
  | { readonly kind: 'retargetEndpoint'; readonly group: StackGroup; readonly target: string }
  | { readonly kind: 'disableEndpoint'; readonly group: StackGroup }
  | { readonly kind: 'deleteEndpoint'; readonly group: StackGroup };

/** Whose fault a refusal is: only the release's own fault condemns it. */
export type Fault = 'release' | 'world' | 'operator';

/** Code of a refusal of our own: it had to wait for too long, for its turn or a token, and was never sent. */
export const NOT_SENT_CODE = 'NOT_SENT';

/** The same, as a secret of the group could not be read. */
export const SECRET_UNREADABLE_CODE = 'SecretUnreadable';

/** What became of one attempt. `accepted` says only that Azure took it: the outcome is observed. */
export type EffectOutcome =
  | {
      readonly kind: 'accepted';
      /** Of a group that is made: what the answer showed of it. */
      readonly created?: ObservedGroup;
    }
  | {
      readonly kind: 'refused';
      readonly fault: Fault;
      /** Azure's own error code, e.g. `ContainerGroupQuotaReached`. */
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number | undefined;
    }
  /** Sent, and no answer or one that tells nothing: look before repeating. */
  | { readonly kind: 'ambiguous'; readonly message: string };

export interface Refusal {
  readonly at: Instant;
  readonly fault: Fault;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

export function effectKey(effect: Effect): string {
  return `${effect.kind} ${effect.group.name}`;
}
