/**
 * What Azure would refuse in a group's identity and in what it opens: registries, the key of the encryption, the workspace
 * of its logs. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';
import { nearMatch } from '../near-match.ts';
import { asSecretReference } from '../secret-places.ts';
import type { Path } from '../yaml-file.ts';
import { kindOf } from './check-containers.ts';
import { itemsAt, notOneOf, propertiesOf } from './finding.ts';
import type { Finding } from './finding.ts';

const IDENTITIES = ['SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None'];
const ENCRYPTION = ['vaultBaseUrl', 'keyName', 'keyVersion'];

export function checkAccess(document: JsonObject): readonly Finding[] {
  const properties = propertiesOf(document);
  const encryption = asObject(properties['encryptionProperties']);
  const at = ['properties', 'encryptionProperties'];
  return [
    ...checkIdentity(document),
    ...itemsAt(properties['imageRegistryCredentials'], ['properties', 'imageRegistryCredentials']).flatMap(
      ({ item, path }) => checkCredential(document, item, path),
    ),
    ...(encryption === undefined ? [] : missing(encryption, ENCRYPTION, { path: at, what: 'encryptionProperties' })),
    ...checkMember(document, encryption?.['identity'], [...at, 'identity']),
    ...checkLogs(properties),
  ];
}

function checkIdentity(document: JsonObject): readonly Finding[] {
  const identity = asObject(document['identity']);
  if (identity === undefined) return [];
  const { type } = identity;
  const wrong = notOneOf(asText(type).replace(/,\s*/, ', ') || type, IDENTITIES, { path: ['identity', 'type'] });
  if (wrong.length > 0) return wrong;
  const isAssigned = /userassigned/i.test(asText(type));
  if (!isAssigned || assignedTo(document).length > 0) return [];
  const message = `identity is ${asText(type)}, and userAssignedIdentities names none`;
  return [{ path: ['identity', 'type'], message }];
}

function assignedTo(document: JsonObject): readonly string[] {
  const given = asObject(document['identity'])?.['userAssignedIdentities'];
  // Old versions of the API have a list.
  const listed = asList(given).filter((id): id is string => typeof id === 'string');
  return [...listed, ...Object.keys(asObject(given) ?? {})];
}

function checkMember(document: JsonObject, given: Json | undefined, path: Path): readonly Finding[] {
  if (given === undefined) return [];
  const id = asText(given);
  const known = assignedTo(document);
  if (id !== '' && known.some((one) => one.toLowerCase() === id.toLowerCase())) return [];
  const near = nearMatch(id, known);
  const hint = near === undefined ? 'add it to identity.userAssignedIdentities' : `did you mean "${near}"?`;
  return [
    { path, message: `identity ${id.split('/').at(-1) || 'without a name'} is not one of the group's own`, hint },
  ];
}

/** By an identity or by name and password; the password may be a reference. */
function checkCredential(document: JsonObject, credential: JsonObject, path: Path): readonly Finding[] {
  const { server, username, password, identity } = credential;
  if (asText(server) === '') return [{ path: [...path, 'server'], message: 'a registry credential needs its server' }];
  const what = `credential of ${asText(server)}`;
  if (asText(server).includes('/')) {
    const message = `${what}: expected the name of a host, such as shop.azurecr.io`;
    return [{ path: [...path, 'server'], message, hint: 'leave out https:// and what follows the host' }];
  }
  if (identity !== undefined && (username !== undefined || password !== undefined))
    return [{ path, message: `${what}: expected an identity or a username with its password, got both` }];
  if (identity !== undefined) return checkMember(document, identity, [...path, 'identity']);
  if (asText(username) === '' || password === undefined) {
    const got = username === undefined && password === undefined ? 'neither' : 'one without the other';
    return [{ path, message: `${what}: expected an identity or a username with its password, got ${got}` }];
  }
  if (typeof password === 'string' || asSecretReference(password) !== undefined) return [];
  const message = `${what}: expected text or a reference to a secret as its password, got ${kindOf(password)}`;
  return [{ path: [...path, 'password'], message }];
}

function checkLogs(properties: JsonObject): readonly Finding[] {
  const logs = asObject(asObject(properties['diagnostics'])?.['logAnalytics']);
  if (logs === undefined) return [];
  const path = ['properties', 'diagnostics', 'logAnalytics'];
  return missing(logs, ['workspaceId', 'workspaceKey'], { path, what: 'logAnalytics' });
}

function missing(
  object: JsonObject,
  keys: readonly string[],
  { path, what }: { readonly path: Path; readonly what: string },
): readonly Finding[] {
  return keys
    .filter((key) => object[key] === undefined || object[key] === '')
    .map((key) => ({ path: [...path, key], message: `${what} needs ${key}` }));
}
