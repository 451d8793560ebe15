/** Which file of which volume a path in a container leads to: file shares and emptyDirs, by the mounts of the container. */
import { definitionOf, idOf } from './group.ts';
import type { Group } from './group.ts';
import { asArray, asRecord, asText } from './http.ts';
import type { StoreId } from './shares.ts';

export interface FilePlace {
  readonly store: StoreId;
  /** In the volume. */
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** Undefined where nothing that keeps files is mounted there. */
export function fileAt(group: Group, container: string, path: string): FilePlace | undefined {
  const mounts = asArray(definitionOf(group, container)['volumeMounts']).map((mount) => asRecord(mount) ?? {});
  const mount = mounts.find(({ mountPath }) => path.startsWith(`${asText(mountPath).replace(/\/+$/, '')}/`));
  if (mount === undefined) return undefined;
  const name = asText(mount['name']);
  const volume = volumesOf(group).find((one) => one['name'] === name);
  const store = volume === undefined ? undefined : storeOf(group, volume);
  if (store === undefined) return undefined;
  const isReadOnly = mount['readOnly'] === true || asRecord(volume?.['azureFile'])?.['readOnly'] === true;
  return { store, path: path.slice(asText(mount['mountPath']).replace(/\/+$/, '').length), isReadOnly };
}

/** Of volumes that end with the group. */
export function ownStores(group: Group): readonly StoreId[] {
  return volumesOf(group).flatMap((volume) => {
    const store = storeOf(group, volume);
    return store === undefined || volume['azureFile'] !== undefined ? [] : [store];
  });
}

function volumesOf({ body }: Group): readonly Readonly<Record<string, unknown>>[] {
  return asArray(asRecord(body['properties'])?.['volumes']).map((volume) => asRecord(volume) ?? {});
}

function storeOf(group: Group, volume: Readonly<Record<string, unknown>>): StoreId | undefined {
  const share = asRecord(volume['azureFile']);
  if (share !== undefined) return `${asText(share['storageAccountName'])}/${asText(share['shareName'])}`.toLowerCase();
  return volume['emptyDir'] === undefined ? undefined : `${idOf(group.key)} ${asText(volume['name'])}`;
}
