/** What the controller needs of Azure; src/azure/connect.ts makes one over the SDK clients. */
import type { JsonObject } from '../model/app.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile, ProbeResult, Seen } from '../rollout/observation.ts';
import type { ProbeSettings } from '../model/app.ts';
import type { Caller, Changer } from './caller.ts';

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
 * No method throws for what the world answers: looks give `Seen`, changes an `EffectOutcome`. A call waits for its turn for
 * 30 s at most; it goes unsent after that. A change asks its fence just before it is sent, and ends within 30 s.
 */
export interface Azure {
  /** Every group of the resource group, all pages; without instance views. One call in flight per resource group. */
  listGroups(resourceGroup: string, caller?: Caller): Promise<Seen<readonly ObservedGroup[]>>;
  getGroup(address: GroupAddress, caller?: Caller): Promise<Seen<ObservedGroup | undefined>>;
  getProfile(resourceGroup: string, name: string, caller?: Caller): Promise<Seen<ObservedProfile | undefined>>;
  /** One request; `target` is a host name or address, resolved by the configured name servers. */
  probe(target: string, settings: ProbeSettings): Promise<ProbeResult>;
  /** PUT of a whole group body (ARM wire shape); returns when it is accepted, not when it runs. */
  createGroup(address: GroupAddress, body: JsonObject, changer: Changer): Promise<EffectOutcome>;
  deleteGroup(address: GroupAddress, changer: Changer): Promise<EffectOutcome>;
  /** PUT of one enabled external endpoint. */
  enableEndpoint(
    address: EndpointAddress,
    endpoint: { readonly target: string; readonly weight: number; readonly location: string },
    changer: Changer,
  ): Promise<EffectOutcome>;
  /** PATCH of one endpoint to Disabled. */
  disableEndpoint(address: EndpointAddress, changer: Changer): Promise<EffectOutcome>;
  deleteEndpoint(address: EndpointAddress, changer: Changer): Promise<EffectOutcome>;
}
