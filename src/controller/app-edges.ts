/** What the loop of one app speaks to. */
import type { Azure } from '../azure/azure.ts';
import type { App } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Events } from './events.ts';
import type { Gates } from './gates.ts';
import type { Sweep } from './idle.ts';
import type { Leadership } from './leadership.ts';
import type { Machine } from './machine.ts';
import type { Measure, ReadSecrets, RenderGroup, RenderJob, StateStore, TagSource, TakeRequests } from './ports.ts';
import type { Removal } from './removed.ts';

export interface AppEdges {
  readonly owner: string;
  readonly azure: Azure;
  readonly clock: Clock;
  readonly store: StateStore;
  readonly tags: TagSource;
  readonly render: RenderGroup;
  readonly renderJob: RenderJob;
  readonly readSecrets: ReadSecrets;
  readonly measure: Measure;
  /** The app with the versions of its secrets as last looked up; absent where none are. */
  readonly pin?: ((app: App) => App) | undefined;
  /** How often it looks around at rest, and when; asked at each turn, as others may come and go. */
  readonly sweep?: (app: string) => Sweep;
  readonly events: Events;
  /** Requests are told as none where absent. */
  readonly takeRequests?: TakeRequests;
  /** Eight hex digits, new at each call. */
  readonly newId: () => string;
  readonly machine: Machine;
  readonly leadership: Leadership;
  /** What may keep it from starting a rollout of a new release; absent where nothing does. */
  readonly gates?: Gates;
  /** Where the app is in the config no more. */
  readonly removal?: Removal | undefined;
  /** Of the loop before it; its own where absent. */
  readonly commands?: CommandQueue | undefined;
}
