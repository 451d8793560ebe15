/** Which rights a config needs on what: each scope once, with the apps that need it. Pure. */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { CheckSource } from '../model/check.ts';
import { documentsOf } from './group-documents.ts';
import { RIGHTS } from './rights.ts';
import type { Right, ScopeKind } from './rights.ts';
import type { ProfileAddress } from './world.ts';
import { identitiesOf, subnetsOf } from './template-parts.ts';

export interface Scope {
  readonly kind: ScopeKind;
  /** Resource id. */
  readonly id: string;
  /** For people, such as `resource group shop`. */
  readonly title: string;
  readonly resourceGroup: string;
  /** Last part of the id. */
  readonly name: string;
}

export interface Need {
  readonly scope: Scope;
  readonly rights: readonly Right[];
  /** Names, in the order of the config. */
  readonly apps: readonly string[];
}

export function needsOf({ apps, cloud }: Pick<Settings, 'apps' | 'cloud'>): readonly Need[] {
  const needs = new Map<string, { scope: Scope; rights: Set<Right>; apps: string[] }>();
  for (const app of apps) {
    for (const scope of scopesOf(app, cloud.subscriptionId)) {
      const key = `${scope.kind === 'parent' ? 'profile' : scope.kind} ${scope.id.toLowerCase()}`;
      const need = needs.get(key) ?? { scope, rights: new Set<Right>(), apps: [] };
      needs.set(key, need);
      for (const right of RIGHTS) if (right.on === scope.kind && isNeeded(right, app)) need.rights.add(right);
      if (need.apps.at(-1) !== app.name) need.apps.push(app.name);
    }
  }
  return [...needs.values()].flatMap(({ scope, rights, apps: names }) =>
    rights.size === 0 ? [] : [{ scope, rights: withoutDoubles([...rights]), apps: names }],
  );
}

/** A profile may be the parent of another one, too. */
function withoutDoubles(rights: readonly Right[]): readonly Right[] {
  return rights.filter(({ action }, index) => rights.findIndex((right) => right.action === action) === index);
}

function isNeeded({ when }: Right, { mode, rollout }: App): boolean {
  const changes = mode !== 'notify';
  if (when === undefined) return true;
  return changes && (when === 'changes' || rollout.retain?.as === 'stopped');
}

export function profileId(subscriptionId: string, { resourceGroup, profile }: ProfileAddress): string {
  return `${groupId(subscriptionId, resourceGroup)}/providers/Microsoft.Network/trafficManagerProfiles/${profile}`;
}

function groupId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

function scopesOf(app: App, subscriptionId: string): readonly Scope[] {
  const { resourceGroup, traffic, rollout } = app;
  const documents = documentsOf(app);
  const profiles = traffic === undefined ? [] : [scope('profile', profileId(subscriptionId, traffic))];
  const { before = [], after = [] } = rollout.checks ?? {};
  const checks = [...before, ...after, ...(rollout.drainUntil === undefined ? [] : [rollout.drainUntil.check])];
  return [
    scope('resourceGroup', groupId(subscriptionId, resourceGroup)),
    ...profiles,
    ...(traffic?.parents ?? []).map((parent) => scope('parent', profileId(subscriptionId, parent))),
    ...documents.flatMap(identitiesOf).map((id) => scope('identity', id)),
    ...documents.flatMap(subnetsOf).map((id) => scope('subnet', id)),
    ...checks.flatMap(({ source }) => metricsScope(source)),
  ];
}

/** Of resources that are named by the group, what they are in. */
function metricsScope(source: CheckSource): readonly Scope[] {
  if (source.kind !== 'azureMetrics') return [];
  const { resourceId } = source;
  const id = resourceId.includes('{') ? resourceId.split('/').slice(0, 5).join('/') : resourceId;
  return [scope('metrics', id)];
}

const TITLES = {
  resourceGroup: 'resource group',
  profile: 'profile',
  parent: 'profile',
  identity: 'identity',
  subnet: 'subnet',
  metrics: 'metrics of',
} as const;

function scope(kind: ScopeKind, id: string): Scope {
  const parts = id.split('/');
  const name = parts.at(-1) ?? id;
  return { kind, id, title: `${TITLES[kind]} ${name}`, resourceGroup: parts[4] ?? '', name };
}
