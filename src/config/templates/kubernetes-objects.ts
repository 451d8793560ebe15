/**
 * The objects of a file of manifests, lists opened, and which of them is what an app runs: one Deployment or one Pod.
 * What an object of another kind asks for is not silently dropped: it is named.
 */
import { nearMatch } from '../near-match.ts';
import { Fields } from './kubernetes-fields.ts';
import type { Report, Text } from './kubernetes-fields.ts';
import { METADATA_SHAPE } from './kubernetes-pod-shape.ts';
import type { Manifests, Value } from './kubernetes-yaml.ts';

export interface ManifestObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly metadata: Fields;
  /** Of its name. */
  readonly at: number;
  readonly kindAt: number;
  readonly value: Value;
}

/** Kinds that are read, with the one version of each. */
const VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Pod: 'v1',
  ConfigMap: 'v1',
  Secret: 'v1',
  Service: 'v1',
};

/** Kinds that run something which no app can. */
const OTHER_WORKLOADS: Readonly<Record<string, string>> = {
  StatefulSet: 'its pods keep names and disks of their own, groups are replaced by new ones',
  DaemonSet: 'it runs once on each node, and there are no nodes',
  ReplicaSet: 'a Deployment makes it; give the Deployment itself',
  ReplicationController: 'a Deployment has taken its place; write one',
  Job: 'it ends, while an app is kept running',
  CronJob: 'it starts by the clock and ends, while an app is kept running',
};

const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

export function readObjects(manifests: Manifests, report: Report): readonly ManifestObject[] {
  return manifests.documents.flatMap((document) => readObject(document, '', report));
}

function readObject(value: Value, path: string, report: Report): readonly ManifestObject[] {
  const fields = Fields.of(value, undefined, { path: path === '' ? 'the document' : path, report });
  if (fields === undefined) return [];
  const kind = fields.requiredText('kind');
  const apiVersion = fields.requiredText('apiVersion');
  if (kind === undefined || apiVersion === undefined) return [];
  if (kind.value === 'Secret') report.lines.hide(value.at, value.end);
  if (kind.value === 'List') return fields.list('items').flatMap((item) => readObject(item.value, item.path, report));
  const expected = Object.hasOwn(VERSIONS, kind.value) ? VERSIONS[kind.value] : undefined;
  if (expected !== undefined && apiVersion.value !== expected) {
    report.refuse(apiVersion.at, `a ${kind.value} of ${apiVersion.value} is not read`, `write apiVersion: ${expected}`);
    return [];
  }
  const known = [...Object.keys(VERSIONS), ...Object.keys(OTHER_WORKLOADS)];
  const near = known.includes(kind.value) ? undefined : nearMatch(kind.value, known);
  if (near !== undefined && Object.values(VERSIONS).includes(apiVersion.value) && !OTHERS.has(kind.value)) {
    report.refuse(kind.at, `unknown kind "${kind.value}"`, `did you mean "${near}"?`);
    return [];
  }
  return withName(fields, kind, value);
}

/** Kinds whose names are near to those that are read. */
const OTHERS = new Set(['Node', 'Secrets', 'PodTemplate', 'Endpoints']);

function withName(fields: Fields, { value: kind, at: kindAt }: Text, value: Value): readonly ManifestObject[] {
  const isRead = Object.hasOwn(VERSIONS, kind);
  // Some kinds, such as lists and what is for kustomize, have none.
  if (!isRead && !fields.has('metadata') && !Object.hasOwn(OTHER_WORKLOADS, kind))
    return [{ kind, name: '', namespace: 'default', metadata: fields, at: fields.at, kindAt, value }];
  const metadata = fields.object('metadata', isRead ? METADATA_SHAPE : undefined);
  if (metadata === undefined) {
    if (!fields.has('metadata')) fields.report.refuse(fields.at, `missing key "metadata" of a ${kind}`);
    return [];
  }
  const name = isRead ? metadata.requiredText('name') : (metadata.text('name') ?? { value: '', at: metadata.at });
  if (name === undefined) return [];
  if (isRead && (!NAME.test(name.value) || name.value.length > 253)) {
    const rule = 'lower-case letters, digits, hyphens and dots, at most 253 characters';
    fields.report.refuse(
      name.at,
      `metadata.name: expected ${rule}, got "${name.value.slice(0, 80)}" (${name.value.length})`,
    );
  }
  const namespace = metadata.text('namespace')?.value ?? 'default';
  return [{ kind, name: name.value, namespace, metadata, at: name.at, kindAt, value }];
}

/** Undefined, and a problem, where there is none or more than one. */
export function chooseWorkload(
  objects: readonly ManifestObject[],
  resource: string | undefined,
  report: Report,
): ManifestObject | undefined {
  refuseTwice(objects, report);
  const workloads = objects.filter(({ kind }) => isWorkload(kind));
  const named = workloads.filter((one) => resource === undefined || resource === one.name || resource === label(one));
  const [chosen, second] = named;
  if (chosen === undefined) refuseNone(objects, { workloads, resource }, report);
  else if (second !== undefined) {
    const ways = named.map(label).join(', ');
    report.refuse(
      second.at,
      `more than one thing to run: ${ways}`,
      `choose one by template.resource, such as "${label(chosen)}"`,
    );
  } else if (Object.hasOwn(OTHER_WORKLOADS, chosen.kind)) {
    const message = `${label(chosen)} is refused: ${OTHER_WORKLOADS[chosen.kind] ?? ''}`;
    report.refuse(chosen.kindAt, message, adviceFor(objects));
  } else {
    warnOfOthers(objects, chosen, report);
    return chosen;
  }
  return undefined;
}

/** There may be one that can run, and was not chosen. */
function adviceFor(objects: readonly ManifestObject[]): string {
  const other = objects.find(({ kind }) => kind === 'Deployment' || kind === 'Pod');
  return other === undefined
    ? 'run it elsewhere, or write a Deployment of its pod'
    : `choose another by template.resource, such as "${label(other)}"`;
}

function refuseNone(
  objects: readonly ManifestObject[],
  { workloads, resource }: { workloads: readonly ManifestObject[]; resource: string | undefined },
  report: Report,
): void {
  if (resource === undefined || workloads.length === 0) {
    const found = objects.length === 0 ? 'nothing' : [...new Set(objects.map(label))].slice(0, 20).join(', ');
    report.refuse(0, `expected a Deployment or a Pod, found ${found}`);
    return;
  }
  const near = nearMatch(
    resource,
    workloads.map(({ name }) => name),
  );
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  report.refuse(
    0,
    `nothing called "${resource}" to run, there is ${workloads.map(label).slice(0, 20).join(', ')}`,
    hint,
  );
}

function refuseTwice(objects: readonly ManifestObject[], report: Report): void {
  const seen = new Set<string>();
  for (const object of objects) {
    const key = `${object.kind}/${object.namespace}/${object.name}`;
    if (seen.has(key) && Object.hasOwn(VERSIONS, object.kind))
      report.refuse(object.at, `${label(object)} is there twice`);
    seen.add(key);
  }
}

function warnOfOthers(objects: readonly ManifestObject[], chosen: ManifestObject, report: Report): void {
  const others = objects.filter(
    (one) => one !== chosen && (isWorkload(one.kind) || !Object.hasOwn(VERSIONS, one.kind)),
  );
  const [first] = others;
  if (first === undefined) return;
  report.warn(
    first.at,
    `left out, since a container group has no counterpart or another was chosen: ${others.map(label).join(', ')}`,
  );
}

function isWorkload(kind: string): boolean {
  return kind === 'Deployment' || kind === 'Pod' || Object.hasOwn(OTHER_WORKLOADS, kind);
}

export function label({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return name === '' ? kind : `${kind}/${name}`;
}
