/**
 * What an operator may ask of an app. Commands change the app's state through the same loop as everything else; asked for
 * twice, they change it once.
 */
export const COMMAND_KINDS = [
  'promote',
  'pause',
  'resume',
  'abort',
  'retry',
  'rollback',
  'hold',
  'release',
  'bypass',
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/** `rollout`: only if this one is under way, so that a repeat never meets the next one. */
export type Command =
  /** `full`: past all further waits of the rollout, not only the present one. */
  | { readonly kind: 'promote'; readonly full: boolean; readonly rollout?: string | undefined }
  | { readonly kind: 'pause'; readonly reason?: string | undefined }
  | { readonly kind: 'resume' }
  | { readonly kind: 'abort'; readonly reason?: string | undefined; readonly rollout?: string | undefined }
  /** `release`: its name, or its id; what should run now where absent. */
  | { readonly kind: 'retry'; readonly release?: string | undefined }
  /** `release`: its name, its id, or the id of the rollout that made it; the one before where absent. */
  | { readonly kind: 'rollback'; readonly release?: string | undefined; readonly rollout?: string | undefined }
  | { readonly kind: 'hold'; readonly reason: string }
  /** Lifts the hold. */
  | { readonly kind: 'release' }
  /** For so long its windows do not count; 0 ends that. */
  | { readonly kind: 'bypass'; readonly forMs: number };

/** Who asks. */
export interface Caller {
  /** Name that the config gives with the token. */
  readonly by: string;
  /** Address that the request came from. */
  readonly from: string;
}

/** What became of a command. Each with a sentence for people. */
export type CommandResult =
  | { readonly kind: 'applied'; readonly message: string }
  /** It is so already. */
  | { readonly kind: 'unchanged'; readonly message: string }
  | { readonly kind: 'refused'; readonly because: RefusedBecause; readonly message: string };

/**
 * `situation`: it makes no sense now. `elsewhere`: another daemon drives the app. `busy`: too many wait, or the state
 * cannot be saved for the moment; nothing was changed. `unclear`: it may have been saved. `stopped`: the app's loop has
 * ended.
 */
export type RefusedBecause = 'situation' | 'elsewhere' | 'busy' | 'unclear' | 'stopped';
