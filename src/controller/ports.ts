/** What the controller needs of the edges: declared here by their consumer, joined to them in cli/run. */
import type { Settings } from '../config/settings.ts';
import type { App, ImageSource, JsonObject, Tags } from '../model/app.ts';
import type { AskedCheck, Measurement, Phase } from '../model/check.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import type { CandidateAsked, CandidateCheck } from '../registry/candidate.ts';
import type { Effect, StackGroup } from '../rollout/effect.ts';
import type { Attendance } from './attendance.ts';
import type { Control } from './control.ts';

/** Takes one measurement of a check. Never throws, and ends in time whatever the other side does. */
export type Measure = (
  check: AskedCheck,
  asked: {
    readonly app: string;
    readonly rollout: string;
    readonly release: string;
    readonly phase: Phase;
    /** Names or addresses of the groups that it is about: the candidate's, or those that drain. */
    readonly targets: readonly string[];
    /** Names of those groups. */
    readonly groups: readonly string[];
  },
) => Promise<Measurement>;

/** What was sent to Azure Resource Manager for an app since this was last asked. */
export type TakeRequests = (app: string) => { readonly reads: number; readonly writes: number };

/** State documents, one per app. */
export interface StateStore {
  load(app: string): Promise<StoredState | undefined>;
  /**
   * Compare and swap: throws StoreConflictError where the stored version is another than `expected` (undefined: there is
   * none yet); gives the new version.
   */
  save(app: string, state: unknown, expected: string | undefined): Promise<string>;
  /** Names of the apps that have a document. */
  list(): Promise<readonly string[]>;
}

export interface StoredState {
  /** Opaque: a number that grows, or an ETag. */
  readonly version: string;
  readonly state: unknown;
}

/** Leases that only one daemon holds at a time, one per partition; where several daemons share the work. */
export interface Leases {
  /** How long one lasts from the moment that it was asked for, or asked to be renewed. */
  readonly durationMs: number;
  /**
   * The id of the lease; undefined where somebody else holds it. One that this life of the daemon has already, as after
   * an answer that was lost, is given again. Throws where it cannot be told.
   */
  acquire(partition: number): Promise<string | undefined>;
  /** False where it is lost. Throws where it cannot be told. */
  renew(partition: number, leaseId: string): Promise<boolean>;
  release(partition: number, leaseId: string): Promise<void>;
  /** Says that this daemon lives and what config it runs (a hash), and gives who else does. Throws where it cannot be told. */
  attend(config: string): Promise<Attendance>;
  /** This daemon stops: the others need not wait for it. */
  leave(): Promise<void>;
}

/** What the registries hold, as last polled. */
export interface TagSource {
  /** The last look at the repository of an image; undefined before the first. */
  latest(source: Pick<ImageSource, 'registry' | 'repository'>): TagList | undefined;
  /** When the last look that gave a list began; undefined before the first. */
  lookedAt(source: Pick<ImageSource, 'registry' | 'repository'>): Instant | undefined;
  /** Looks at the repository soon. */
  look(source: Pick<ImageSource, 'registry' | 'repository'>): void;
  /** Asks for the digest of a listed tag that has none: the lists have it from the next look on. */
  want(source: Pick<ImageSource, 'registry' | 'repository'>, tag: string): void;
  /** Whether an image may be rolled out, asked for just before that. Never throws. */
  check(source: Pick<ImageSource, 'registry' | 'repository'>, asked: CandidateAsked): Promise<CandidateCheck>;
}

/**
 * Takes what registries say of pushes, until it is closed or the signal aborts. `wake` looks at a repository
 * (`host/repository`) soon; false where it does not any more. Throws where nothing can be taken.
 */
export type TakePushes = (
  wake: (repository: string) => boolean,
  signal: AbortSignal,
) => Promise<{ close(): Promise<void> }>;

/**
 * Lets operators see and command the apps, until it is closed or the signal aborts; closing waits for the answers under
 * way. Throws where it cannot.
 */
export type ServeApi = (control: Control, signal: AbortSignal) => Promise<{ close(): Promise<void> }>;

/** A config that may change while the daemon runs. */
export interface FollowedConfig {
  /** False while its file says something else than what counts: it is being edited, or was refused. */
  isInForce(): boolean;
  /** Until the signal aborts: `apply` makes other settings count at once. What only a start can take up is the same in them. */
  follow(apply: (next: Settings) => void, signal: AbortSignal): Promise<void>;
}

/** Renders the body of one container group; secrets are resolved here and live only in what it gives. */
export type RenderGroup = (given: {
  readonly app: App;
  readonly release: Release;
  readonly group: StackGroup;
  readonly stackId: string;
  /** Beside those of the template. */
  readonly tags?: Tags | undefined;
}) => Promise<JsonObject>;

/** Renders the body of a job's container group, as RenderGroup does. */
export type RenderJob = (given: {
  readonly app: App;
  readonly rolloutId: string;
  readonly job: Extract<Effect, { kind: 'createJob' }>;
}) => Promise<JsonObject>;

/** The values of all secrets of the app's template, so that they can be masked; those that cannot be read are left out. */
export type ReadSecrets = (app: Pick<App, 'template'>) => Promise<readonly string[]>;
