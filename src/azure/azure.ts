/** What the controller needs of Azure; src/azure/connect.ts makes one over the SDK clients. */
import type { JsonObject } from '../model/app.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile, ProbeResult, Seen } from '../rollout/observation.ts';
import type { ProbeSettings } from '../model/app.ts';
import type { Fence } from './fence.ts';

export interface GroupAddress {
  readonly resourceGroup: string;
  readonly name: string;
}

export interface EndpointAddress {
  readonly resourceGroup: string;
  readonly profile: string;
  readonly name: string;
}

/**
 * No method throws for what the world answers: looks give `Seen`, changes an `EffectOutcome`. A change asks its fence
 * just before it is sent, and ends within 30 s.
 */
export interface Azure {
  /** Every group of the resource group, all pages; without instance views. One call in flight per resource group. */
  listGroups(resourceGroup: string): Promise<Seen<readonly ObservedGroup[]>>;
  getGroup(address: GroupAddress): Promise<Seen<ObservedGroup | undefined>>;
  getProfile(resourceGroup: string, name: string): Promise<Seen<ObservedProfile | undefined>>;
  /** One request; `target` is a host name or address, resolved by the configured name servers. */
  probe(target: string, settings: ProbeSettings): Promise<ProbeResult>;
  /** PUT of a whole group body (ARM wire shape); returns when it is accepted, not when it runs. */
  createGroup(address: GroupAddress, body: JsonObject, fence: Fence): Promise<EffectOutcome>;
  deleteGroup(address: GroupAddress, fence: Fence): Promise<EffectOutcome>;
  /** PUT of one enabled external endpoint. */
  enableEndpoint(
    address: EndpointAddress,
    endpoint: { readonly target: string; readonly weight: number; readonly location: string },
    fence: Fence,
  ): Promise<EffectOutcome>;
  /** PATCH of one endpoint to Disabled. */
  disableEndpoint(address: EndpointAddress, fence: Fence): Promise<EffectOutcome>;
  deleteEndpoint(address: EndpointAddress, fence: Fence): Promise<EffectOutcome>;
}
