/** What a look before the first rollout asks of the world: only reads, each of them once however many apps share it. */
import type { Settings } from '../config/settings.ts';
import type { ImageSource, SecretReference } from '../model/app.ts';
import type { TagList } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import type { Stack } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import type { Permission } from './granted.ts';
import type { Who } from './identity.ts';
import type { Capability } from './judge-size.ts';
import type { Usage } from './judge-quota.ts';
import type { PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';

/** No method throws, and each ends in time. */
export interface World {
  readonly now: Instant;
  who(): Promise<Looked<Who>>;
  /** On a resource or resource group, by its id: what who asks may do. */
  permissions(id: string): Promise<Looked<readonly Permission[]>>;
  groups(resourceGroup: string): Promise<Looked<readonly ObservedGroup[]>>;
  profile(at: ProfileAddress): Promise<Looked<ObservedProfile | undefined>>;
  usages(location: string): Promise<Looked<readonly Usage[]>>;
  capabilities(location: string): Promise<Looked<readonly Capability[]>>;
  tags(source: ImageSource): Promise<TagList>;
  digest(image: { readonly source: ImageSource; readonly tag: string }): Promise<Looked<string>>;
  /** The live stack by the stored state. */
  live(app: string): Promise<Looked<Stack | undefined>>;
  /** Whether the place of the state can be used. */
  state(): Promise<PreflightLine>;
  /** How many characters it has: the secret itself goes nowhere. */
  secret(at: SecretAddress): Promise<Looked<number>>;
}

export interface ProfileAddress {
  readonly resourceGroup: string;
  readonly profile: string;
}

export interface SecretAddress {
  readonly reference: SecretReference;
  /** That relative paths count from. */
  readonly folder: string;
}

/** What every part of the look is given. */
export interface Asking {
  readonly settings: Settings;
  readonly world: World;
  /** Without one nothing of Azure is asked. */
  readonly hasToken: boolean;
  /** Who to give roles to. */
  readonly principal: string;
}
