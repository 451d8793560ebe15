/**
 * Volumes of a pod. Files of Secrets and of ConfigMaps both become a secret volume, the one kind of a group that holds
 * files; shares of Azure Files get name and key of the storage account from a Secret.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { present } from '../json.ts';
import type { Fields, Text } from './kubernetes-fields.ts';
import type { HolderKind, Holders } from './kubernetes-holders.ts';
import * as shapes from './kubernetes-volume-shape.ts';

const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const ACCOUNT_NAME = 'azurestorageaccountname';
const ACCOUNT_KEY = 'azurestorageaccountkey';

export interface VolumesGiven {
  readonly holders: Holders;
  readonly isWindows: boolean;
}

export function toVolumes(pod: Fields, given: VolumesGiven): readonly JsonObject[] {
  const seen = new Set<string>();
  return pod.objects('volumes', shapes.VOLUME_SHAPE).flatMap((volume) => {
    const name = volume.requiredText('name');
    if (name === undefined) return [];
    checkName(name, volume, seen);
    if (given.isWindows)
      volume.report.refuse(volume.at, `${volume.path} is refused: a group of Windows has no volumes`);
    const source = toSource(volume, given.holders);
    return source === undefined ? [] : [{ name: name.value, ...source }];
  });
}

function checkName({ value, at }: Text, { report, path }: Fields, seen: Set<string>): void {
  if (!NAME.test(value) || value.length > 63) {
    const rule = 'lower-case letters, digits and hyphens, at most 63 characters';
    report.refuse(at, `${path}.name: expected ${rule}, got "${value.slice(0, 80)}" (${value.length})`);
  }
  if (seen.has(value)) report.refuse(at, `${path}.name: two volumes are called "${value}"`);
  seen.add(value);
}

const SOURCES = ['emptyDir', 'secret', 'configMap', 'azureFile', 'csi', 'gitRepo', 'projected'] as const;

function toSource(volume: Fields, holders: Holders): JsonObject | undefined {
  const [source, second] = SOURCES.filter((key) => volume.raw(key) !== undefined);
  const hasOther = volume.keys.some((key) => key !== 'name' && !SOURCES.some((known) => known === key));
  if (second !== undefined || (source === undefined && !hasOther))
    volume.report.refuse(volume.at, `${volume.path}: expected one of ${SOURCES.join(', ')}`);
  switch (source) {
    case undefined:
      return undefined;
    case 'emptyDir':
      volume.object('emptyDir', shapes.EMPTY_DIR_SHAPE);
      return { emptyDir: {} };
    case 'secret':
      return toFiles(
        [filesOf(volume.object('secret', shapes.SECRET_SHAPE), { kind: 'Secret', nameKey: 'secretName' }, holders)],
        volume,
      );
    case 'configMap':
      return toFiles(
        [filesOf(volume.object('configMap', shapes.CONFIG_MAP_SHAPE), { kind: 'ConfigMap', nameKey: 'name' }, holders)],
        volume,
      );
    case 'projected':
      return toFiles(projectedFiles(volume, holders), volume);
    case 'azureFile':
      return toShare(volume.object('azureFile', shapes.AZURE_FILE_SHAPE), holders);
    case 'csi':
      return toDriver(volume, holders);
    case 'gitRepo':
      return toRepository(volume.object('gitRepo', shapes.GIT_REPO_SHAPE));
  }
}

type Files = ReadonlyMap<string, Json>;

/** A volume with no files is empty, in place of one that Container Instances would refuse. */
function toFiles(parts: readonly Files[], volume: Fields): JsonObject {
  const files = new Map(parts.flatMap((part) => [...part]));
  for (const [name, value] of files) {
    if (value !== '') continue;
    volume.report.warn(
      volume.at,
      `${volume.path}: file ${name} is left out, since Container Instances takes none that is empty`,
    );
    files.delete(name);
  }
  return files.size === 0 ? { emptyDir: {} } : { secret: Object.fromEntries(files) };
}

function filesOf(
  source: Fields | undefined,
  { kind, nameKey }: { readonly kind: HolderKind; readonly nameKey: string },
  holders: Holders,
): Files {
  const name = source?.requiredText(nameKey);
  if (source === undefined || name === undefined) return new Map();
  const isOptional = source.boolean('optional') === true;
  const holder = holders.find(kind, name, isOptional);
  if (holder === undefined) return new Map();
  const files = new Map<string, Json>();
  const add = (path: string, key: Text) => {
    const held = holders.value(holder, key, isOptional);
    if (held !== undefined) files.set(path, held.kind === 'reference' ? { ...held.reference } : held.base64);
  };
  if (!source.has('items')) for (const key of holder.values.keys()) add(key, { value: key, at: name.at });
  for (const item of source.objects('items', shapes.ITEM_SHAPE)) {
    const [key, path] = [item.requiredText('key'), item.requiredText('path')];
    if (key === undefined || path === undefined) continue;
    if (/[/\\]/.test(path.value) || path.value === '.' || path.value.startsWith('..'))
      item.report.refuse(
        path.at,
        `${item.pathOf('path')}: a secret volume of a group has no folders, got "${path.value.slice(0, 60)}"`,
      );
    add(path.value, key);
  }
  return files;
}

function projectedFiles(volume: Fields, holders: Holders): readonly Files[] {
  const projected = volume.object('projected', shapes.PROJECTED_SHAPE);
  const kinds = [
    { key: 'secret', kind: 'Secret', nameKey: 'name' },
    { key: 'configMap', kind: 'ConfigMap', nameKey: 'name' },
  ] as const;
  return (projected?.objects('sources', shapes.PROJECTED_SOURCE_SHAPE) ?? []).flatMap((source) =>
    kinds.map((given) => filesOf(source.object(given.key, shapes.PROJECTED_FILES_SHAPE), given, holders)),
  );
}

function toDriver(volume: Fields, holders: Holders): JsonObject | undefined {
  const csi = volume.object('csi', shapes.CSI_SHAPE);
  const driver = csi?.requiredText('driver');
  if (csi === undefined || driver === undefined) return undefined;
  if (driver.value !== 'file.csi.azure.com') {
    csi.report.refuse(
      driver.at,
      `${csi.pathOf('driver')} is refused: a group has no driver "${driver.value.slice(0, 60)}"`,
      'file.csi.azure.com is there, for Azure Files',
    );
    return undefined;
  }
  const attributes = csi.object('volumeAttributes', shapes.CSI_ATTRIBUTES_SHAPE);
  if (attributes === undefined)
    csi.report.refuse(csi.at, `missing key "volumeAttributes" in ${csi.path}: shareName and secretName`);
  const share = toShare(attributes, holders);
  const readOnly = csi.boolean('readOnly');
  return share === undefined ? undefined : { azureFile: present({ ...share.azureFile, readOnly }) };
}

function toShare(source: Fields | undefined, holders: Holders): { azureFile: JsonObject } | undefined {
  const [shareName, secretName] = [source?.requiredText('shareName'), source?.requiredText('secretName')];
  if (source === undefined || shareName === undefined || secretName === undefined) return undefined;
  const readOnly = source.path.endsWith('volumeAttributes') ? undefined : source.boolean('readOnly');
  const holder = holders.find('Secret', secretName, false);
  if (holder === undefined) return undefined;
  // The name of an account is no secret: it is read past what warns of those.
  const account = holder.values.get(ACCOUNT_NAME);
  const name = account?.kind === 'bytes' ? account.text : undefined;
  const key = holders.value(holder, { value: ACCOUNT_KEY, at: secretName.at }, false);
  const secret = key?.kind === 'bytes' ? key.text : key === undefined ? undefined : { ...key.reference };
  if (name === undefined || name === '' || secret === undefined || secret === '') {
    const hint = `${ACCOUNT_NAME} stands there as text; ${ACCOUNT_KEY} may be an annotation viridian/secret.${ACCOUNT_KEY}`;
    const message = `Secret "${holder.name}" has to hold ${ACCOUNT_NAME} and ${ACCOUNT_KEY}`;
    if (key !== undefined) source.report.refuse(secretName.at, message, hint);
    return undefined;
  }
  return {
    azureFile: present({ shareName: shareName.value, storageAccountName: name, storageAccountKey: secret, readOnly }),
  };
}

function toRepository(source: Fields | undefined): JsonObject | undefined {
  const repository = source?.requiredText('repository');
  if (source === undefined || repository === undefined) return undefined;
  return {
    gitRepo: present({
      repository: repository.value,
      revision: source.text('revision')?.value,
      directory: source.text('directory')?.value,
    }),
  };
}
