/**
 * The fields of a container group as a tree: which one a key stands for, below another, whatever its letter case. Azure
 * minds none, and what people write differs: `memoryInGb` is in many examples. Pure.
 */
import { GROUP_FIELDS } from './group-fields.ts';
import type { GroupField } from './group-fields.ts';

const ANY = 'NAME';
const CHILDREN = childrenOf(GROUP_FIELDS);

/** `parent` is the path of a known field, `[]` at the end of one for its items; undefined where the API has no such key. */
export function fieldBelow(parent: string, key: string): GroupField | undefined {
  const children = CHILDREN.get(parent);
  return children?.get(key.toLowerCase()) ?? children?.get(ANY);
}

/** The key as the API spells it; one that the author chooses stays. */
export function spelled({ path }: GroupField, key: string): string {
  const own = path.slice(path.lastIndexOf('.') + 1);
  return own === ANY ? key : own;
}

/** True for keys that the author chooses. */
export function isChosen({ path }: GroupField): boolean {
  return path.endsWith(`.${ANY}`);
}

function childrenOf(fields: readonly GroupField[]): ReadonlyMap<string, ReadonlyMap<string, GroupField>> {
  const children = new Map<string, Map<string, GroupField>>();
  for (const field of fields) {
    const at = field.path.lastIndexOf('.');
    const parent = field.path.slice(0, Math.max(0, at));
    const own = field.path.slice(at + 1);
    const siblings = children.get(parent) ?? new Map<string, GroupField>();
    children.set(parent, siblings.set(own === ANY ? ANY : own.toLowerCase(), field));
  }
  return children;
}
