/** What Azure would refuse in the volumes of a group and where its containers mount them. Pure. */
import type { Json, JsonObject } from '../../model/app.ts';
import { asObject, asText } from '../json.ts';
import { nearMatch } from '../near-match.ts';
import { asSecretReference } from '../secret-places.ts';
import type { Path } from '../yaml-file.ts';
import { kindOf } from './check-containers.ts';
import { containersOf, itemsAt, propertiesOf, repeated, shown } from './finding.ts';
import type { ContainerPlace, Finding } from './finding.ts';

const KINDS = ['azureFile', 'emptyDir', 'secret', 'gitRepo'];
/** Of one group, as documented. */
const MOST_VOLUMES = 20;
const LONGEST_NAME = 63;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  azureFile: ['shareName', 'storageAccountName'],
  gitRepo: ['repository'],
};

export function checkVolumes(document: JsonObject): readonly Finding[] {
  const path = ['properties', 'volumes'];
  const volumes = itemsAt(propertiesOf(document)['volumes'], path);
  const names = volumes.map(({ item }) => asText(item['name'])).filter((name) => name !== '');
  const named = volumes.flatMap(({ item, path: at }) =>
    asText(item['name']) === '' ? [] : [{ key: asText(item['name']), path: [...at, 'name'] }],
  );
  return [
    ...(volumes.length > MOST_VOLUMES
      ? [{ path, message: `${volumes.length} volumes: a group has at most ${MOST_VOLUMES}` }]
      : []),
    ...volumes.flatMap(({ item, path: at }) => checkVolume(item, at)),
    ...repeated(named).map(({ key, path: at }) => ({ path: at, message: `two volumes are called "${key}"` })),
    ...containersOf(document).flatMap((container) => checkMounts(container, names)),
  ];
}

function checkVolume(volume: JsonObject, path: Path): readonly Finding[] {
  const name = asText(volume['name']);
  if (name === '') return [{ path: [...path, 'name'], message: 'a volume needs a name' }];
  if (name.length > LONGEST_NAME) {
    const message = `volume ${name.slice(0, 20)}…: expected a name of at most ${LONGEST_NAME} characters, got ${name.length}`;
    return [{ path: [...path, 'name'], message }];
  }
  const kinds = KINDS.filter((kind) => volume[kind] !== undefined && volume[kind] !== null);
  // A kind that is newer than what is known here is Azure's to judge.
  const others = Object.keys(volume).filter((key) => key !== 'name' && !KINDS.includes(key));
  if (kinds.length > 1 || (kinds.length === 0 && others.length === 0)) {
    const got = kinds.length === 0 ? 'none' : kinds.join(' and ');
    return [{ path, message: `volume ${name}: expected one of ${KINDS.join(', ')}, got ${got}` }];
  }
  const [kind = ''] = kinds;
  const source = asObject(volume[kind]) ?? {};
  const missing = (NEEDED[kind] ?? []).filter((key) => asText(source[key]) === '');
  return [
    ...missing.map((key) => ({ path: [...path, kind, key], message: `volume ${name}: ${kind} needs ${key}` })),
    ...(kind === 'secret' ? checkFiles(name, source, [...path, kind]) : []),
    ...(kind === 'gitRepo' && asText(source['directory']).includes('..')
      ? [
          {
            path: [...path, kind, 'directory'],
            message: `volume ${name}: the directory of gitRepo must not contain ".."`,
          },
        ]
      : []),
  ];
}

function checkFiles(volume: string, files: JsonObject, path: Path): readonly Finding[] {
  if (Object.keys(files).length === 0) {
    const hint = 'add each as FILE: {env: NAME}; Azure does not tell them, so an import or export has none';
    return [{ path, message: `volume ${volume}: secret has no files`, hint }];
  }
  return Object.entries(files).flatMap(([file, value]) => {
    if (value === undefined || asSecretReference(value) !== undefined) return [];
    if (typeof value === 'string' && BASE64.test(value)) return [];
    const message = `file ${file} of volume ${volume}: expected base64 or a reference to a secret, got ${unlike(value)}`;
    return [
      { path: [...path, file], message, hint: 'refer to it by {env: NAME} or {file: PATH}: Viridian encodes it' },
    ];
  });
}

function unlike(value: Json): string {
  return typeof value === 'string' ? 'text that is not base64' : kindOf(value);
}

function checkMounts(container: ContainerPlace, volumes: readonly string[]): readonly Finding[] {
  const at = [...container.path, 'properties', 'volumeMounts'];
  const mounts = itemsAt(container.properties['volumeMounts'], at);
  const paths = mounts.flatMap(({ item, path }) =>
    asText(item['mountPath']) === '' ? [] : [{ key: asText(item['mountPath']), path: [...path, 'mountPath'] }],
  );
  return [
    ...mounts.flatMap(({ item, path }) => [
      ...checkMountPath(container.name, item['mountPath'], [...path, 'mountPath']),
      ...checkMountName(container.name, item['name'], { path: [...path, 'name'], volumes }),
    ]),
    ...repeated(paths).map(({ key, path }) => ({
      path,
      message: `container ${container.name} mounts two volumes at ${key}`,
    })),
  ];
}

function checkMountName(
  container: string,
  given: Json | undefined,
  { path, volumes }: { readonly path: Path; readonly volumes: readonly string[] },
): readonly Finding[] {
  const name = asText(given);
  if (volumes.includes(name)) return [];
  const near = nearMatch(name, volumes);
  const known = volumes.length === 0 ? 'the group has no volumes' : `known: ${volumes.join(', ')}`;
  const hint = near === undefined ? known : `did you mean "${near}"?`;
  return [
    { path, message: `container ${container} mounts volume ${shown(given)}, which the group does not have`, hint },
  ];
}

function checkMountPath(container: string, given: Json | undefined, path: Path): readonly Finding[] {
  const mountPath = asText(given);
  if (mountPath.startsWith('/') && !mountPath.includes(':')) return [];
  const message = `container ${container}: expected an absolute mountPath with no colon in it, got ${shown(given)}`;
  return [{ path, message }];
}
