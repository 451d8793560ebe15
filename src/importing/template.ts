/**
 * The template of an app from one of its groups: what Azure only tells is left out, and what it never tells, secrets, is a
 * reference to an environment variable that somebody has to set. Pure.
 */
import { asList, asObject, asText } from '../config/json.ts';
import type { Json, JsonObject } from '../model/app.ts';
import { maskText } from '../model/mask.ts';
import type { SeenGroup } from './seen.ts';

export interface Remark {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

export interface DraftTemplate {
  readonly document: JsonObject;
  /** Comments, each above what stands there. */
  readonly remarks: readonly Remark[];
  /** Environment variables that have to be set before a group is made. */
  readonly secrets: readonly { readonly env: string; readonly what: string }[];
  /** What no file can say. */
  readonly notes: readonly string[];
}

/** Only told by Azure, or set by Viridian. */
const READ_ONLY = new Set([
  'provisioningstate',
  'instanceview',
  'ip',
  'fqdn',
  'dnsnamelabel',
  'principalid',
  'tenantid',
  'clientid',
  'iscreatedfromstandbypool',
]);
const TOP = new Set(['id', 'name', 'type', 'location', 'systemdata', 'etag']);
const OURS = /^viridian-/i;

export function draftTemplate(app: string, { body }: Pick<SeenGroup, 'body'>): DraftTemplate {
  const own = Object.fromEntries(Object.entries(body).filter(([key]) => !TOP.has(key.toLowerCase())));
  const tags = Object.fromEntries(Object.entries(asObject(own['tags']) ?? {}).filter(([key]) => !OURS.test(key)));
  const { tags: _tags, ...rest } = own;
  const cleaned = asObject(clean({ ...rest, ...(Object.keys(tags).length === 0 ? {} : { tags }) })) ?? {};
  return fillSecrets(app, cleaned);
}

/** Nulls and empty lists say nothing that Azure does not say by itself. */
function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => clean(item));
  const object = asObject(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).flatMap(([key, item]): [string, Json][] => {
    const isEmpty = item === undefined || item === null || (Array.isArray(item) && item.length === 0);
    if (isEmpty || READ_ONLY.has(key.toLowerCase())) return [];
    return [[key, clean(item)]];
  });
  return Object.fromEntries(entries);
}

type Found = Omit<DraftTemplate, 'document'> & { readonly value: Json };

function fillSecrets(app: string, document: JsonObject): DraftTemplate {
  const properties = asObject(document['properties']) ?? {};
  const lists: readonly [string, (item: JsonObject) => Found][] = [
    ['containers', (item) => ofContainer(app, item)],
    ['initContainers', (item) => ofContainer(app, item)],
    ['imageRegistryCredentials', (item) => ofRegistry(app, item)],
    ['volumes', (item) => ofVolume(app, item)],
  ];
  let filled: JsonObject = properties;
  const found: { remarks: Remark[]; secrets: { env: string; what: string }[]; notes: string[] } = {
    remarks: [],
    secrets: [],
    notes: [],
  };
  for (const [key, fill] of lists) {
    if (properties[key] === undefined) continue;
    const items = asList(properties[key]).map((item) => fill(asObject(item) ?? {}));
    filled = { ...filled, [key]: items.map(({ value }) => value) };
    for (const [index, { remarks, secrets, notes }] of items.entries()) {
      found.remarks.push(...remarks.map(({ path, text }) => ({ path: ['properties', key, index, ...path], text })));
      found.secrets.push(...secrets);
      found.notes.push(...notes);
    }
  }
  const logs = ofDiagnostics(app, filled);
  return {
    document: { ...document, properties: asObject(logs.value) ?? filled },
    remarks: found.remarks,
    secrets: [...found.secrets, ...logs.secrets],
    notes: [...found.notes, ...extensionNotes(filled)],
  };
}

function ofContainer(app: string, container: JsonObject): Found {
  const properties = asObject(container['properties']) ?? {};
  const name = asText(container['name']);
  const variables = asList(properties['environmentVariables']).map((one) => ofVariable(app, name, asObject(one) ?? {}));
  if (variables.length === 0) return { value: container, remarks: [], secrets: [], notes: [] };
  const environmentVariables = variables.map(({ value }) => value);
  return {
    value: { ...container, properties: { ...properties, environmentVariables } },
    remarks: variables.flatMap(({ remarks }, index) =>
      remarks.map(({ path, text }) => ({ path: ['properties', 'environmentVariables', index, ...path], text })),
    ),
    secrets: variables.flatMap(({ secrets }) => secrets),
    notes: [],
  };
}

/** One without a value has a secure one, which Azure does not tell. */
function ofVariable(app: string, container: string, variable: JsonObject): Found {
  const { name: named, value, secureValue: _secure, ...others } = variable;
  const name = asText(named);
  if (value === undefined) {
    const env = envName(app, container, name);
    const secret = { env, what: `secure value ${name} of container ${container}` };
    return { value: { name, ...others, secureValue: { env } }, remarks: [], secrets: [secret], notes: [] };
  }
  const line = `${name}=${asText(value)}`;
  const looksSecret = maskText(line, []) !== line;
  const text = ' looks like a secret, in plain text: make it a secureValue, {env: NAME}';
  return { value: variable, remarks: looksSecret ? [{ path: [], text }] : [], secrets: [], notes: [] };
}

function ofRegistry(app: string, registry: JsonObject): Found {
  const server = asText(registry['server']);
  const isByIdentity = registry['identity'] !== undefined || registry['identityUrl'] !== undefined;
  if (isByIdentity || registry['username'] === undefined)
    return { value: registry, remarks: [], secrets: [], notes: [] };
  const env = envName(app, server, 'PASSWORD');
  const secret = { env, what: `password of ${asText(registry['username'])} at registry ${server}` };
  return { value: { ...registry, password: { env } }, remarks: [], secrets: [secret], notes: [] };
}

function ofVolume(app: string, volume: JsonObject): Found {
  const name = asText(volume['name']);
  const share = asObject(volume['azureFile']);
  if (share !== undefined) {
    const env = envName(app, name, 'STORAGE_KEY');
    const what = `key of storage account ${asText(share['storageAccountName'])} for volume ${name}`;
    const azureFile = { ...share, storageAccountKey: { env } };
    return { value: { ...volume, azureFile }, remarks: [], secrets: [{ env, what }], notes: [] };
  }
  if (volume['secret'] === undefined) return { value: volume, remarks: [], secrets: [], notes: [] };
  const text = ' Azure does not tell the files of a secret volume: add each as FILE: {env: NAME}';
  const notes = [`the files of secret volume ${name} of ${app} are not told by Azure: add them to its template`];
  return { value: { ...volume, secret: {} }, remarks: [{ path: [], text }], secrets: [], notes };
}

function ofDiagnostics(app: string, properties: JsonObject): Pick<Found, 'value' | 'secrets'> {
  const diagnostics = asObject(properties['diagnostics']);
  const logs = asObject(diagnostics?.['logAnalytics']);
  if (logs === undefined) return { value: properties, secrets: [] };
  const env = envName(app, 'LOG', 'WORKSPACE_KEY');
  const value = {
    ...properties,
    diagnostics: { ...diagnostics, logAnalytics: { ...logs, workspaceKey: { env } } },
  };
  return { value, secrets: [{ env, what: `key of Log Analytics workspace ${asText(logs['workspaceId'])}` }] };
}

function extensionNotes(properties: JsonObject): readonly string[] {
  const names = asList(properties['extensions']).map((one) => asText(asObject(one)?.['name']));
  return names.map((name) => `protected settings of extension ${name}, if it has any, are not told by Azure: add them`);
}

function envName(...parts: readonly string[]): string {
  const joined = parts
    .join('_')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}
