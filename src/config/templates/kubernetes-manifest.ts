/**
 * Translates a file of Kubernetes manifests: one Deployment or Pod, with the ConfigMaps, Secrets and Services beside it,
 * into a container group, much as the connector of Container Instances for Kubernetes does. docs/templates-kubernetes.md
 * says what becomes of every field.
 */
import type { Json } from '../../model/app.ts';
import type { FormatOptions, TemplateFile, Translated, TranslateTemplate } from './format.ts';
import { Fields, Report } from './kubernetes-fields.ts';
import { chooseWorkload, readObjects } from './kubernetes-objects.ts';
import type { ManifestObject } from './kubernetes-objects.ts';
import { toProperties } from './kubernetes-pod.ts';
import * as shapes from './kubernetes-pod-shape.ts';
import { refuseOwnAnnotations } from './kubernetes-references.ts';
import { readManifests } from './kubernetes-yaml.ts';

const MOST_REPLICAS = 1000;
/** What Azure Resource Manager takes in one request. */
const LARGEST_DOCUMENT = 4 * 1024 * 1024;

export const translateKubernetes: TranslateTemplate = (file: TemplateFile, options: FormatOptions): Translated => {
  const manifests = readManifests(file);
  const report = new Report(manifests.lines);
  const objects = readObjects(manifests, report);
  const workload = chooseWorkload(objects, options.resource, report);
  const found = workload === undefined ? undefined : translate(workload, objects, report);
  if (workload !== undefined && sizeOf(found?.document) > LARGEST_DOCUMENT)
    report.refuse(workload.at, `the group has more than ${LARGEST_DOCUMENT} characters, which Azure does not take`);
  report.end();
  return {
    document: {},
    replicas: undefined,
    ...found,
    warnings: report.warnings,
    problemAt: (path, message, { hint } = {}) =>
      manifests.lines.problemAt(workload?.at ?? 0, path.length === 0 ? message : `${path.join('.')}: ${message}`, hint),
  };
};

/** Roughly, without writing it down: what stands in a file once may be in a group many times. */
function sizeOf(value: Json | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.entries(value).reduce((size, [key, one]) => size + key.length + sizeOf(one), 2);
}

function translate(
  workload: ManifestObject,
  objects: readonly ManifestObject[],
  report: Report,
): Pick<Translated, 'document' | 'replicas'> | undefined {
  refuseOwnAnnotations(workload.metadata.object('annotations', undefined), workload.kind);
  const fields = Fields.of(workload.value, shapes.OBJECT_SHAPE, { path: '', report });
  if (fields?.has('spec') !== true) {
    report.refuse(workload.at, `missing key "spec" of the ${workload.kind}`);
    return undefined;
  }
  return workload.kind === 'Pod'
    ? { document: toDocument(fields, workload.metadata, { workload, objects, report }), replicas: undefined }
    : translateDeployment(fields, { workload, objects, report });
}

interface Given {
  readonly workload: ManifestObject;
  readonly objects: readonly ManifestObject[];
  readonly report: Report;
}

function translateDeployment(fields: Fields, given: Given): Pick<Translated, 'document' | 'replicas'> | undefined {
  const deployment = fields.object('spec', shapes.DEPLOYMENT_SHAPE);
  const template = deployment?.object('template', shapes.POD_TEMPLATE_SHAPE);
  const replicas = deployment?.integer('replicas', 0, MOST_REPLICAS);
  if (deployment !== undefined && replicas === 0) {
    const hint = 'give it at least 1, or take the app out of the config';
    given.report.refuse(
      deployment.placeOf('replicas'),
      `${deployment.pathOf('replicas')}: an app runs at least one group`,
      hint,
    );
  }
  if (deployment === undefined || template?.has('spec') !== true) {
    if (deployment !== undefined)
      given.report.refuse(deployment.placeOf('template'), 'missing key "spec" in spec.template');
    return undefined;
  }
  const metadata = template.object('metadata', shapes.METADATA_SHAPE);
  refuseOwnAnnotations(metadata?.object('annotations', undefined), 'pod');
  checkSelector(deployment, labelsOf(metadata));
  return { document: toDocument(template, metadata, given), replicas: replicas ?? 1 };
}

/** `owner` has the spec of the pod, `metadata` is that of the pod. */
function toDocument(owner: Fields, metadata: Fields | undefined, { workload, objects, report }: Given) {
  const spec = owner.object('spec', shapes.POD_SHAPE);
  if (spec === undefined) return {};
  const properties = toProperties({
    spec,
    labels: labelsOf(metadata),
    annotations: metadata?.object('annotations', undefined),
    namespace: workload.namespace,
    policies: workload.kind === 'Pod' ? ['Always', 'OnFailure', 'Never'] : ['Always'],
    objects,
    report,
  });
  return { properties };
}

function labelsOf(metadata: Fields | undefined): ReadonlyMap<string, string> {
  const labels = metadata?.object('labels', undefined);
  return new Map((labels?.keys ?? []).map((key) => [key, labels?.text(key)?.value ?? '']));
}

/** Kubernetes refuses a Deployment that does not select its own pods. */
function checkSelector(deployment: Fields, labels: ReadonlyMap<string, string>): void {
  const selector = deployment.object('selector', shapes.SELECTOR_SHAPE);
  if (selector === undefined) {
    if (!deployment.has('selector'))
      deployment.report.refuse(deployment.at, `missing key "selector" in ${deployment.path}`);
    return;
  }
  const wanted = selector.object('matchLabels', undefined);
  for (const key of wanted?.keys ?? []) {
    const text = wanted?.text(key);
    if (text !== undefined && labels.get(key) !== text.value)
      deployment.report.refuse(
        text.at,
        `${wanted?.pathOf(key) ?? key}: the pods of the template do not have this label`,
      );
  }
}
