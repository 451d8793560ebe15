/**
 * Translates an ARM template in JSON to the common document: the container group that it makes, evaluated for one place.
 * Name and location of the group are not evaluated: Viridian sets them. Pure; every problem of the file at once.
 */
import { basename } from 'node:path';
import { nearMatch } from '../near-match.ts';
import { API_VERSIONS } from './arm-api-versions.ts';
import { membersOf } from './arm-copies.ts';
import { ArmEvaluator } from './arm-evaluator.ts';
import { ArmFault, toConfigError } from './arm-fault.ts';
import { chooseGroup, findGroups } from './arm-groups.ts';
import type { ArmGroup } from './arm-groups.ts';
import type { ArmNode, ArmObjectNode } from './arm-json.ts';
import { readParametersFile } from './arm-parameters-file.ts';
import type { GivenParameter } from './arm-parameters-file.ts';
import { nearestNode, placeSecrets } from './arm-secrets.ts';
import { ArmSource } from './arm-source.ts';
import { ArmTemplateNames } from './arm-template-names.ts';
import { isObject, kindOf } from './arm-value.ts';
import { asAzureReads, pathAsWritten } from './as-azure-reads.ts';
import type { FormatOptions, ProblemAt, Translated, TranslateTemplate } from './format.ts';

const TEMPLATE_KEYS = [
  '$schema',
  'apiProfile',
  'asserts',
  'contentVersion',
  'definitions',
  'extensions',
  'externalInputs',
  'functions',
  'imports',
  'languageVersion',
  'metadata',
  'outputs',
  'parameters',
  'resources',
  'variables',
];

/** Of the group, what Viridian sets itself or what is for the deployment alone. */
const NOT_OF_THE_BODY = new Set([
  'apiversion',
  'asserts',
  'comments',
  'condition',
  'copy',
  'dependson',
  'existing',
  'location',
  'metadata',
  'name',
  'resources',
  'scope',
  'type',
]);

export const translateArm: TranslateTemplate = (file, options) => {
  const { source, root } = ArmSource.read(file, { secret: false });
  const faults: ArmFault[] = [];
  const fallback = { source, offset: root.start };
  const parts = membersOf(root);
  checkOutline(source, root, faults);
  const resources = parts['resources'];
  if (resources === undefined || faults.length > 0) throw toConfigError(faults, fallback);
  const names = new ArmTemplateNames(source, parts);
  const deployment = basename(file.file).replace(/\.[^.]+$/, '');
  const evaluator = new ArmEvaluator(source, names, { place: options.place, deployment });
  names.prepare(evaluator, readGiven(options, faults), faults);
  const found = findGroups(resources, { evaluator, source, faults });
  if (faults.length > 0) throw toConfigError(faults, fallback);
  try {
    const group = chooseGroup(found, options.resource, { evaluator, resources });
    const document = readBody(group, evaluator, faults);
    if (faults.length === 0) {
      const warnings = [...names.warnings, ...found.warnings];
      return {
        document: asAzureReads(document),
        replicas: undefined,
        warnings,
        problemAt: problemIn(source, group, document),
      };
    }
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error;
    faults.push(error);
  }
  throw toConfigError(faults, fallback);
};

function problemIn(source: ArmSource, { node }: ArmGroup, written: Translated['document']): ProblemAt {
  return (path, message, { hint } = {}) =>
    source.problem(nearestNode(node, pathAsWritten(written, path)).start, message, hint);
}

/** The config's own values come first. */
function readGiven({ values, parameters }: FormatOptions, faults: ArmFault[]): GivenParameter[] {
  const own = Object.entries(values).map(([name, json]) => ({ name, json, isReference: false }));
  return [...own, ...(parameters === undefined ? [] : readParametersFile(parameters, faults))];
}

function checkOutline(source: ArmSource, root: ArmNode, faults: ArmFault[]): void {
  const fault = (node: { readonly start: number }, message: string, hint?: string) =>
    faults.push(new ArmFault(message, { hint, place: { source, offset: node.start } }));
  if (root.kind !== 'object') {
    fault(root, 'expected an ARM template, an object with $schema and resources');
    return;
  }
  for (const { key, keyStart } of root.members) {
    if (TEMPLATE_KEYS.some((known) => known.toLowerCase() === key.toLowerCase())) continue;
    const near = nearMatch(key, TEMPLATE_KEYS);
    fault(
      { start: keyStart },
      `unknown key "${key}" of a template`,
      near === undefined ? undefined : `did you mean "${near}"?`,
    );
  }
  const { $schema, contentversion, resources, parameters, variables } = membersOf(root);
  if ($schema?.kind !== 'text' || !/\/deploymentTemplate\.json#?$/i.test($schema.value))
    fault(
      $schema ?? root,
      'expected $schema to be that of a template for resource groups',
      'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    );
  if (contentversion?.kind !== 'text' || !/^\d+(\.\d+){1,3}$/.test(contentversion.value))
    fault(contentversion ?? root, 'expected contentVersion to be a text of numbers and dots', 'such as "1.0.0.0"');
  if (resources === undefined) fault(root, 'missing key "resources": the container group is one of them');
  for (const [name, node] of [
    ['parameters', parameters],
    ['variables', variables],
  ] as const)
    if (node !== undefined && node.kind !== 'object') fault(node, `expected ${name} to be an object`);
}

function readBody({ node, scope }: ArmGroup, evaluator: ArmEvaluator, faults: ArmFault[]): Translated['document'] {
  const { apiversion, properties } = membersOf(node);
  checkVersion(node, apiversion, evaluator, faults);
  if (properties === undefined)
    throw new ArmFault('the container group has no properties', { place: evaluator.place(node) });
  const members = node.members.filter(({ key }) => !NOT_OF_THE_BODY.has(key.toLowerCase()));
  const body = evaluator.evaluateAll({ ...node, members }, scope, faults);
  if (faults.length > 0 || !isObject(body)) return {};
  const own = Object.entries(body).find(([key]) => key.toLowerCase() === 'properties');
  if (!isObject(own?.[1] ?? ''))
    throw new ArmFault('expected properties to be an object', { place: evaluator.place(properties) });
  return placeSecrets(body, { placeOf: (path) => evaluator.place(nearestNode(node, path)), faults });
}

function checkVersion(
  node: ArmObjectNode,
  version: ArmNode | undefined,
  evaluator: ArmEvaluator,
  faults: ArmFault[],
): void {
  try {
    if (version === undefined)
      throw new ArmFault('the container group has no apiVersion', { hint: `the newest is ${API_VERSIONS[0]}` });
    const value = evaluator.evaluate(version);
    if (typeof value === 'string' && API_VERSIONS.includes(value.toLowerCase())) return;
    const got = typeof value === 'string' ? `"${value}"` : kindOf(value);
    throw new ArmFault(`${got} is no API version of Microsoft.ContainerInstance/containerGroups`, {
      hint: `known are ${API_VERSIONS.join(', ')}`,
    });
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error;
    faults.push(error.at(evaluator.place(version ?? node)));
  }
}
