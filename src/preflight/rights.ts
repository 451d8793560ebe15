/** Every right that the daemon's identity may need, and a role of Azure's own that has it. docs/security.md has the same table. */

/** What a role would be assigned on. */
export type ScopeKind = 'resourceGroup' | 'profile' | 'parent' | 'identity' | 'subnet' | 'metrics';

export interface Right {
  readonly action: string;
  readonly on: ScopeKind;
  /** What it is needed for. */
  readonly use: string;
  readonly role: string;
  /** Absent: always; else a word that needs.ts knows. */
  readonly when?: 'changes' | 'stops';
  /** Rollouts go without it. */
  readonly isOptional?: boolean;
}

const GROUPS = 'Microsoft.ContainerInstance/containerGroups';
const PROFILES = 'Microsoft.Network/trafficManagerProfiles';
export const READ_PROFILE = `${PROFILES}/read`;
const OF_GROUPS = { on: 'resourceGroup', role: 'Azure Container Instances Contributor Role' } as const;
const OF_PROFILES = { on: 'profile', role: 'Traffic Manager Contributor' } as const;

export const RIGHTS: readonly Right[] = [
  { ...OF_GROUPS, action: `${GROUPS}/read`, use: 'sees what runs' },
  { ...OF_GROUPS, action: `${GROUPS}/write`, use: 'makes new groups and tags them', when: 'changes' },
  { ...OF_GROUPS, action: `${GROUPS}/delete`, use: 'takes replaced groups away', when: 'changes' },
  {
    ...OF_GROUPS,
    action: `${GROUPS}/containers/logs/read`,
    use: 'keeps the ends of logs of what has failed',
    when: 'changes',
    isOptional: true,
  },
  { ...OF_GROUPS, action: `${GROUPS}/stop/action`, use: 'stops what is kept (retain.as: stopped)', when: 'stops' },
  { ...OF_GROUPS, action: `${GROUPS}/start/action`, use: 'starts it again for a rollback', when: 'stops' },
  { ...OF_PROFILES, action: READ_PROFILE, use: 'sees endpoints, TTL and health' },
  { ...OF_PROFILES, action: `${PROFILES}/externalEndpoints/read`, use: 'sees one endpoint', when: 'changes' },
  {
    ...OF_PROFILES,
    action: `${PROFILES}/externalEndpoints/write`,
    use: 'leads traffic to new groups',
    when: 'changes',
  },
  { ...OF_PROFILES, action: `${PROFILES}/externalEndpoints/delete`, use: 'takes old endpoints away', when: 'changes' },
  { on: 'parent', action: READ_PROFILE, use: 'sees the TTL of a parent', role: 'Reader' },
  {
    on: 'identity',
    action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
    use: 'gives groups the identity of the template',
    role: 'Managed Identity Operator',
    when: 'changes',
  },
  {
    on: 'subnet',
    action: 'Microsoft.Network/virtualNetworks/subnets/join/action',
    use: 'puts groups into the subnet of the template',
    role: 'Network Contributor',
    when: 'changes',
  },
  {
    on: 'metrics',
    action: 'Microsoft.Insights/metrics/read',
    use: 'measures checks of kind azureMetrics',
    role: 'Monitoring Reader',
    when: 'changes',
  },
];

/** Read by no daemon, by this look alone; on the subscription. */
export const LOCATION_ACTIONS = [
  'Microsoft.ContainerInstance/locations/usages/read',
  'Microsoft.ContainerInstance/locations/capabilities/read',
] as const;
