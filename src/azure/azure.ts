/** What the controller needs of Azure; src/azure/connect.ts makes one over the SDK clients. */
import type { JsonObject, SubnetRange, Tags } from '../model/app.ts';
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile, ProbeResult, Seen } from '../rollout/observation.ts';
import type { ProbeSettings } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
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

export interface LogsAsked {
  /** The last ones. */
  readonly lines: number;
}

/** What an endpoint is written with. What is undefined here is left as it is, or as by default where it is new. */
export interface EndpointSettings {
  /** Host name or address. */
  readonly target: string;
  /** 1–1000, as is the priority, which no two endpoints of a profile share. */
  readonly weight?: number | undefined;
  readonly priority?: number | undefined;
  readonly location?: string | undefined;
  readonly geoMapping?: readonly string[] | undefined;
  readonly subnets?: readonly SubnetRange[] | undefined;
  /** Whether it was not there at the last look; undefined: a look comes first. */
  readonly isNew?: boolean | undefined;
}

/**
 * No method throws for what the world answers: looks give `Seen`, changes an `EffectOutcome`. A call waits for its turn for
 * 30 s at most; it goes unsent after that. A change asks its fence just before it is sent, and ends within 30 s.
 */
export interface Azure {
  /**
   * Every group of the resource group, all pages; without instance views. One call in flight per resource group. A list that
   * was asked for after `begunAfter` serves too, unless groups were changed since.
   */
  listGroups(
    resourceGroup: string,
    caller?: Caller,
    asked?: { readonly begunAfter?: Instant | undefined },
  ): Promise<Seen<readonly ObservedGroup[]>>;
  getGroup(address: GroupAddress, caller?: Caller): Promise<Seen<ObservedGroup | undefined>>;
  /** The end of a container's log, whole lines of at most 16 KiB in all; unknown where there is none (yet). */
  logs(address: GroupAddress, container: string, asked: LogsAsked, caller?: Caller): Promise<Seen<string>>;
  getProfile(resourceGroup: string, name: string, caller?: Caller): Promise<Seen<ObservedProfile | undefined>>;
  /** One request; `target` is a host name or address, resolved by the configured name servers. */
  probe(target: string, settings: ProbeSettings): Promise<ProbeResult>;
  /**
   * What Traffic Manager's own name servers answer for a profile's name now, past all caches, each asked so many times (three
   * where absent); ends within 30 s.
   */
  nameAnswers(fqdn: string, asksEach?: number): Promise<Seen<NameAnswers>>;
  /** PUT of a whole group body (ARM wire shape); returns when it is accepted, not when it runs. */
  createGroup(address: GroupAddress, body: JsonObject, changer: Changer): Promise<EffectOutcome>;
  /** PATCH of all tags of a group: those that are not given go. Nothing is restarted; refused where it is not there. */
  tagGroup(address: GroupAddress, tags: Tags, changer: Changer): Promise<EffectOutcome>;
  deleteGroup(address: GroupAddress, changer: Changer): Promise<EffectOutcome>;
  /**
   * One enabled external endpoint: a PUT where it is not there, else a PATCH, which leaves alone what others have set. Up to
   * three calls, each with a turn and 30 s of its own.
   */
  enableEndpoint(address: EndpointAddress, endpoint: EndpointSettings, changer: Changer): Promise<EffectOutcome>;
  /** PATCH of the target alone: what is mapped to the endpoint stays with it. Refused where it is not there. */
  retargetEndpoint(
    address: EndpointAddress,
    endpoint: Pick<EndpointSettings, 'target'>,
    changer: Changer,
  ): Promise<EffectOutcome>;
  /** PATCH of one endpoint to Disabled. */
  disableEndpoint(address: EndpointAddress, changer: Changer): Promise<EffectOutcome>;
  deleteEndpoint(address: EndpointAddress, changer: Changer): Promise<EffectOutcome>;
}
