/** What the controller needs of the edges: declared here by their consumer, joined to them in cli/run. */
import type { App, ImageSource, JsonObject } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import type { StackGroup } from '../rollout/effect.ts';

/** State documents, one per app; `version` 0 means that there is none yet. */
export interface StateStore {
  load(app: string): Promise<{ readonly version: number; readonly state: unknown } | undefined>;
  /** Compare and swap: throws where the stored version is another; gives the new version. */
  save(app: string, state: unknown, expectedVersion: number): Promise<number>;
}

/** What the registries hold, as last polled. */
export interface TagSource {
  /** The last look at the repository of an image; undefined before the first. */
  latest(source: Pick<ImageSource, 'registry' | 'repository'>): TagList | undefined;
  /** The digest that a tag has right now, asked for just before it is used; throws where it cannot be told. */
  resolveDigest(source: Pick<ImageSource, 'registry' | 'repository'>, tag: string): Promise<string>;
}

/** Renders the body of one container group; secrets are resolved here and live only in what it gives. */
export type RenderGroup = (given: {
  readonly app: App;
  readonly release: Release;
  readonly group: StackGroup;
  readonly stackId: string;
}) => Promise<JsonObject>;
