/** Credentials of registries, from the Secrets that `imagePullSecrets` names, in both forms that Kubernetes knows. */
import type { Json, JsonObject } from '../../model/app.ts';
import { asObject } from '../json.ts';
import type { Fields, Text } from './kubernetes-fields.ts';
import { textOfBytes } from './kubernetes-holders.ts';
import type { Holder, Holders } from './kubernetes-holders.ts';
import { LOCAL_REFERENCE_SHAPE } from './kubernetes-pod-shape.ts';

const KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

/** The last one for a server counts. */
export function toCredentials(pod: Fields, holders: Holders): readonly JsonObject[] {
  const credentials = new Map<string, JsonObject>();
  for (const fields of pod.objects('imagePullSecrets', LOCAL_REFERENCE_SHAPE)) {
    const name = fields.requiredText('name');
    const holder = name === undefined ? undefined : holders.find('Secret', name, false);
    if (name === undefined || holder === undefined) continue;
    for (const credential of credentialsOf(holder, name, fields, holders))
      credentials.set(credential.server, { ...credential });
  }
  return [...credentials.values()];
}

interface Credential {
  readonly server: string;
  readonly username: string;
  readonly password: Json;
}

function credentialsOf(holder: Holder, name: Text, { report }: Fields, holders: Holders): readonly Credential[] {
  const refuse = (message: string, hint?: string) =>
    report.refuse(name.at, `Secret "${holder.name}": ${message}`, hint);
  const key = KEYS[holder.type ?? ''];
  if (key === undefined) {
    refuse(`expected the type ${Object.keys(KEYS).join(' or ')}, got ${holder.type ?? 'none'}`);
    return [];
  }
  const held = holder.values.get(key);
  if (held?.kind !== 'bytes') {
    refuse(
      `expected ${key} to stand in it`,
      'a password by reference is an annotation viridian/password.SERVER, with server and username in the file',
    );
    return [];
  }
  const entries = serversIn(held.text ?? '', key);
  if (entries === undefined) refuse(`${key} is not the JSON of a docker config`);
  const servers = (entries ?? []).map(([address]) => serverOf(address));
  for (const server of holder.passwords.keys())
    if (!servers.includes(server))
      refuse(`viridian/password.${server} is for none of its servers (${servers.join(', ')})`);
  return (entries ?? []).flatMap(([address, value]) => {
    const server = serverOf(address);
    const { username, password } = nameAndPassword(asObject(value) ?? {});
    const reference = holder.passwords.get(server);
    if (reference === undefined) holders.use(holder, key);
    const secret = reference === undefined ? password : { ...reference };
    if (username !== '' && secret !== '') return [{ server, username, password: secret }];
    refuse(`no username and password for ${server}`, `the password may be an annotation viridian/password.${server}`);
    return [];
  });
}

function serversIn(text: string, key: string): readonly [string, Json | undefined][] | undefined {
  try {
    const parsed = asObject(JSON.parse(text) as Json);
    const servers = key === '.dockercfg' ? parsed : asObject(parsed?.['auths']);
    return servers === undefined ? undefined : Object.entries(servers);
  } catch {
    return undefined;
  }
}

/** Container Instances takes a host without scheme and path. */
function serverOf(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function nameAndPassword({ username, password, auth }: JsonObject): { username: string; password: string } {
  if (typeof username === 'string' && username !== '' && typeof password === 'string' && password !== '')
    return { username, password };
  const [, name, secret] = /^([^:]*):(.*)$/s.exec(typeof auth === 'string' ? (textOfBytes(auth) ?? '') : '') ?? [];
  return { username: name ?? (typeof username === 'string' ? username : ''), password: secret ?? '' };
}
