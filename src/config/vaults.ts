/**
 * Azure Key Vault in the config: that each reference is well formed, and that its vault is in the domain of the cloud. No
 * other host is ever asked for a secret with the daemon's identity.
 */
import type { KeyVaultSettings } from '../azure/cloud.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { Json, VaultSecret } from '../model/app.ts';
import type { AppTemplates } from './app-templates.ts';
import { CLOUDS } from './clouds.ts';
import { SECRET_NAME, SECRET_VERSION, VAULT } from './fields.ts';
import type { Config } from './schema.ts';
import { asSecretReference, findSecrets, vaultsWithin } from './secret-places.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const DEEPEST = 50;

export function toVaults({ endpoint, poll }: Config['azure']['keyVault']): KeyVaultSettings {
  return { endpoint: endpoint?.replace(/\/+$/, ''), schedule: poll };
}

/** What is not well formed in the config itself, its schema says. */
export function checkVaults(
  yaml: YamlFile,
  templates: AppTemplates['templates'],
  isCron: (text: string) => boolean,
): ConfigProblem[] {
  const domain = domainOf(yaml);
  const poll = textAt(yaml, ['azure', 'keyVault', 'poll']);
  const message = `poll: expected a cron expression such as "0 * * * * *", got "${poll}"`;
  const ofConfig = findVaults(yaml.content, []).flatMap(({ vault, path }) => {
    const wrong = VAULT.test(vault) ? outside(vault, domain) : undefined;
    return wrong === undefined ? [] : [yaml.problem(path, wrong)];
  });
  const ofTemplates = [...templates].flatMap(([index, { template }]) =>
    findSecrets(template.document)
      .flatMap(({ path, value }) => wrongReferences(value, domain).map((wrong) => `${path}: ${wrong}`))
      .map((wrong) => yaml.problem(['apps', index, 'template'], `template: ${wrong}`)),
  );
  return [
    ...(poll === undefined || isCron(poll) ? [] : [yaml.problem(['azure', 'keyVault', 'poll'], message)]),
    ...ofConfig,
    ...ofTemplates,
  ];
}

/** Also where other parts of the config are wrong. */
function domainOf(yaml: YamlFile): string {
  const cloud = textAt(yaml, ['azure', 'cloud']) ?? 'public';
  const known = Object.entries(CLOUDS).find(([name]) => name === cloud)?.[1] ?? CLOUDS.public;
  return textAt(yaml, ['azure', 'keyVault', 'domain']) ?? known.vaults;
}

function textAt(yaml: YamlFile, path: Path): string | undefined {
  const value = yaml.has(path) ? yaml.valueAt(path) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function wrongReferences(value: Json, domain: string): readonly string[] {
  return vaultsWithin(asSecretReference(value)).flatMap((secret) => wrongVault(secret, domain) ?? []);
}

function wrongVault({ vault, secret, version }: VaultSecret, domain: string): string | undefined {
  if (!VAULT.test(vault)) return `expected the URL of a key vault, such as https://shop.${domain}, got "${vault}"`;
  if (!SECRET_NAME.test(secret)) return `expected the name of a secret (letters, digits and hyphens), got "${secret}"`;
  if (version !== undefined && !SECRET_VERSION.test(version))
    return `expected the id of a version of secret ${secret}: 32 hex digits`;
  return outside(vault, domain);
}

function outside(vault: string, domain: string): string | undefined {
  if (new URL(vault).host.toLowerCase().endsWith(`.${domain.toLowerCase()}`)) return undefined;
  return `vault ${vault} is not in ${domain}, the domain of the cloud; correct it, or set azure.cloud or azure.keyVault.domain`;
}

function findVaults(value: unknown, path: Path): readonly { readonly vault: string; readonly path: Path }[] {
  if (typeof value !== 'object' || value === null || path.length > DEEPEST) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => {
    const at = [...path, key];
    const vault =
      key === 'keyVault' && typeof inner === 'object' && inner !== null && 'vault' in inner ? inner.vault : undefined;
    return typeof vault === 'string' ? [{ vault, path: [...at, 'vault'] }] : findVaults(inner, at);
  });
}
