/** Where the local Azure differs from the specification on purpose, since the real one was seen to; and what it lacks. */
import type { Api } from './documents.ts';

export interface Exception {
  readonly api: Api;
  /** Matched against a problem in words, as Contract lists them. */
  readonly problem: RegExp;
  readonly reason: string;
}

/** A row that no answer needs any more makes a test fail. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    api: 'groups',
    problem:
      /^GET \/subscriptions\/[^/]+\/providers\/Microsoft\.ContainerInstance\/locations\/\w+\/operations\/[^/]+ is/,
    reason: 'the operation that a PUT answers with is polled there; no specification has the path',
  },
  {
    api: 'groups',
    problem: /^OperationStatus: \/properties is not declared, is object$/,
    reason: 'the events of the operation are in `properties`, which the common type does not have',
  },
  {
    api: 'traffic',
    problem: /^Endpoints_CreateOrUpdate 201: \/properties\/NestedProfile is not declared, is null$/,
    reason: 'the answer to an endpoint PUT has `NestedProfile: null`, which no specification has',
  },
  {
    api: 'traffic',
    problem:
      /^(Endpoints|Profiles)_\w+ 20[01]: .*\/properties\/(targetResourceId|endpointLocation) must be string, is null$/,
    reason: 'null where an endpoint has none; the specification does not call them nullable',
  },
  {
    api: 'traffic',
    problem: /^Profiles_\w+ 20[01]: .*\/properties\/maxReturn must be integer, is null$/,
    reason: 'null for every routing method but MultiValue; the specification does not call it nullable',
  },
  {
    api: 'traffic',
    problem: /^Profiles_ListBy\w+ 200: .*\/monitorConfig\/profileMonitorStatus must be string, is null$/,
    reason: 'a list of profiles has null there, whatever a GET of the same profile says',
  },
  {
    api: 'traffic',
    problem: /^(Endpoints|Profiles)_Delete 200: no body where one is declared$/,
    reason: 'both deletions answer with Content-Length 0',
  },
  {
    api: 'traffic',
    problem: /^Endpoints_\w+ 404: \/(code|message) is not declared, is string$/,
    reason: 'API versions of 2022 do not wrap the error of a missing endpoint in `error`',
  },
  {
    api: 'registry',
    problem: /^ContainerRegistry_\w+ 401: \/errors\/0\/detail must be object, is array$/,
    reason: 'the detail of a refusal is a list of {Type, Name, Action}',
  },
  {
    api: 'registry',
    problem: /^ContainerRegistry_GetManifests 200: \/manifests\/\d+\/mediaType is not declared, is string$/,
    reason: 'each manifest in the list has a media type, which the specification leaves out',
  },
];

/** Operations that the local Azure does not have: the daemon never asks for them. */
export const NOT_SERVED: Readonly<Record<Api, readonly string[]>> = {
  groups: [
    'Operations_List',
    'Containers_ExecuteCommand',
    'Containers_Attach',
    'ContainerGroups_GetOutboundNetworkDependenciesEndpoints',
    'SubnetServiceAssociationLink_Delete',
  ],
  traffic: [
    'Profiles_checkTrafficManagerNameAvailabilityV2',
    'GeographicHierarchies_GetDefault',
    'HeatMap_Get',
    'TrafficManagerUserMetricsKeys_Get',
    'TrafficManagerUserMetricsKeys_CreateOrUpdate',
    'TrafficManagerUserMetricsKeys_Delete',
  ],
  registry: [
    'ContainerRegistry_CreateManifest',
    'ContainerRegistry_DeleteManifest',
    'ContainerRegistry_GetRepositories',
    'ContainerRegistry_GetProperties',
    'ContainerRegistry_DeleteRepository',
    'ContainerRegistry_UpdateProperties',
    'ContainerRegistry_UpdateTagAttributes',
    'ContainerRegistry_DeleteTag',
    'ContainerRegistry_GetManifestProperties',
    'ContainerRegistry_UpdateManifestProperties',
    'ContainerRegistryBlob_GetBlob',
    'ContainerRegistryBlob_CheckBlobExists',
    'ContainerRegistryBlob_DeleteBlob',
    'ContainerRegistryBlob_MountBlob',
    'ContainerRegistryBlob_GetUploadStatus',
    'ContainerRegistryBlob_UploadChunk',
    'ContainerRegistryBlob_CompleteUpload',
    'ContainerRegistryBlob_CancelUpload',
  ],
};
