/** Tags as a registry lists them. */
import type { Instant } from './time.ts';

export interface Tag {
  readonly name: string;
  /** `sha256:<64 hex>`; undefined where the registry lists names only and nobody has asked for this one yet. */
  readonly digest: string | undefined;
  /** When the tag was last moved, as the registry says; undefined where it does not say (the open protocol has no times). */
  readonly pushedAt: Instant | undefined;
}

/**
 * What one look at a repository gave. Unknown is not empty: a list that failed, or that could not be read to its end, is
 * `unknown` and never leads to an action.
 */
export type TagList =
  | { readonly kind: 'known'; readonly tags: readonly Tag[] }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** True where trying again will not help until a person acts (401, 404). */
      readonly stalled: boolean;
      readonly retryAfterMs: number | undefined;
    };
