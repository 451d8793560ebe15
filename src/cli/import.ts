/**
 * `viridian import RESOURCE_GROUP`: writes a first config and templates from the container groups and Traffic Manager profiles
 * that are there. Reads Azure, writes new files, and changes nothing else.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import { AzureCliCredential, EnvironmentCredential, ManagedIdentityCredential } from '@azure/identity';
import { makeCredential } from '../azure/credential.ts';
import { readResources } from '../azure/resources.ts';
import { formatConfigError } from '../config/format-error.ts';
import { asObject } from '../config/json.ts';
import { readSecret } from '../config/secrets.ts';
import { findApps } from '../importing/apps.ts';
import type { FoundApp } from '../importing/apps.ts';
import { CONFIG_NAME, draftFiles } from '../importing/config.ts';
import type { Draft } from '../importing/config.ts';
import { headFor, readHead } from '../importing/head.ts';
import type { Head } from '../importing/head.ts';
import { seeGroup, seeProfile } from '../importing/seen.ts';
import { ConfigError } from '../model/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { trustFile } from '../runtime/trust.ts';
import type { TextOutput } from './validate.ts';

export const IMPORT_CREDENTIALS = ['azureCli', 'environment', 'managedIdentity'] as const;

export interface ImportCommand {
  readonly resourceGroup: string;
  readonly subscription?: string | undefined;
  /** File with the `azure` block. */
  readonly azure?: string | undefined;
  readonly credential: (typeof IMPORT_CREDENTIALS)[number];
  readonly profile: readonly string[];
  /** Folder that the files go to. */
  readonly out: string;
}

const SUBSCRIPTION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Exit status: 0 where files were written, 1 where something is in the way, 2 where the file of the `azure` block is wrong. */
export async function importGroups(command: ImportCommand, output: TextOutput): Promise<number> {
  try {
    const head = headOf(command, output);
    return head === undefined ? 1 : await importBy(head, command, output);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(formatConfigError(error));
    return 2;
  }
}

function headOf({ subscription, azure }: ImportCommand, output: TextOutput): Head | undefined {
  if ((subscription === undefined) === (azure === undefined)) {
    output.err(
      'viridian: expected one of --subscription ID and --azure FILE (a file with the azure block of a config)',
    );
    return undefined;
  }
  if (azure !== undefined) return readHead(azure);
  if (subscription !== undefined && SUBSCRIPTION.test(subscription)) return headFor(subscription);
  output.err(
    `viridian: --subscription: expected an id such as 00000000-0000-0000-0000-000000000000, got ${subscription ?? ''}; az account show tells it`,
  );
  return undefined;
}

async function importBy(head: Head, command: ImportCommand, output: TextOutput): Promise<number> {
  const { resourceGroup, profile } = command;
  const credential = await credentialFor(head, command);
  const resources = await readResources(resourceGroup, { cloud: head.cloud, credential, clock: systemClock });
  const seen = { groups: resources.groups.map(seeGroup), profiles: resources.profiles.map(seeProfile) };
  const missing = profile.filter((name) => !seen.profiles.some((one) => one.name.toLowerCase() === name.toLowerCase()));
  if (missing.length > 0) {
    const names = seen.profiles.map(({ name }) => name).join(', ') || 'none';
    output.err(`viridian: resource group ${resourceGroup} has no profile ${missing.join(', ')}; it has ${names}`);
    return 1;
  }
  const { apps, notes } = findApps(seen, profile);
  if (apps.length === 0) {
    for (const note of notes) output.err(`note: ${note}`);
    output.err(
      `viridian: resource group ${resourceGroup} has no container groups to make a config of; nothing was written`,
    );
    return 1;
  }
  const draft = draftFiles({ apps, resourceGroup, head: relocated(head, command) });
  return await write({ ...draft, notes: [...notes, ...draft.notes] }, { apps, command, output });
}

async function credentialFor({ cloud }: Head, { azure, credential }: ImportCommand): Promise<TokenCredential> {
  if (cloud.caFile !== undefined) trustFile(cloud.caFile);
  if (azure !== undefined)
    return makeCredential(cloud, (secret) => readSecret(secret, { folder: '.', env: process.env }));
  switch (credential) {
    case 'azureCli':
      return new AzureCliCredential();
    case 'environment':
      return new EnvironmentCredential();
    case 'managedIdentity':
      return new ManagedIdentityCredential();
  }
}

/** Paths in it are relative to the file that it came from. */
function relocated({ head, cloud }: Head, { out }: ImportCommand): Head['head'] {
  const azure = asObject(head['azure']);
  if (cloud.caFile === undefined || azure === undefined) return head;
  return { ...head, azure: { ...azure, caFile: relative(resolve(out), cloud.caFile) } };
}

interface WriteGiven {
  readonly apps: readonly FoundApp[];
  readonly command: ImportCommand;
  readonly output: TextOutput;
}

/** All of them or none: what is there is somebody's work. */
async function write(draft: Draft, { apps, command, output }: WriteGiven): Promise<number> {
  const { files, notes, secrets } = draft;
  const paths = files.map(({ name }) => join(command.out, name));
  const there = paths.filter((path) => existsSync(path));
  if (there.length > 0) {
    output.err(
      `viridian: ${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already; nothing was written. Choose another folder by --out`,
    );
    return 1;
  }
  await mkdir(command.out, { recursive: true });
  for (const { name, text } of files) await writeFile(join(command.out, name), text, { flag: 'wx' });
  output.out(`written: ${paths.join(', ')}`);
  for (const note of notes) output.out(`note: ${note}`);
  if (secrets.length > 0)
    output.out('secrets that Azure does not tell; set these environment variables for the daemon:');
  for (const { env, what } of secrets) output.out(`  ${env}  ${what}`);
  output.out(['next:', ...nextCommands(apps, join(command.out, CONFIG_NAME))].join('\n'));
  return 0;
}

function nextCommands(apps: readonly FoundApp[], config: string): readonly string[] {
  return [
    `  viridian validate ${config}`,
    ...apps.map(({ name, endpoints, groups }) => {
      const named =
        endpoints.length > 0
          ? endpoints.filter(({ isEnabled }) => isEnabled).map((endpoint) => `--endpoint ${quoted(endpoint.name)}`)
          : groups.map((group) => `--group ${group.name}`);
      return `  viridian adopt ${name} --config ${config} ${named.join(' ')}`;
    }),
    `  viridian run --config ${config}`,
  ];
}

function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
