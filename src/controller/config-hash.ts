/** Tells configs apart that daemons share, by what they make of the apps; not by where files lie or what is logged. */
import type { Settings } from '../config/settings.ts';
import { shortHash } from '../model/release.ts';

/** 16 hex digits. Secrets go in as references only; a template as its hash. */
export function configHash({
  owner,
  onRemoval,
  cloud,
  registries,
  apps,
}: Pick<Settings, 'owner' | 'onRemoval' | 'cloud' | 'registries' | 'apps'>): string {
  const named = apps.map(({ template, ...app }) => ({ ...app, template: template.hash }));
  const parts = {
    owner,
    onRemoval,
    subscription: cloud.subscriptionId,
    registries: registries.map(({ host }) => host).sort(),
    apps: named.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  return shortHash(JSON.stringify(parts), 16);
}
