/** What Azure would refuse in one container or init container: image, resources, command, environment, probes. Pure. */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject } from '../json.ts';
import { asSecretReference } from '../secret-places.ts';
import type { Path } from '../yaml-file.ts';
import { itemsAt, notOneOf, repeated, shown } from './finding.ts';
import type { ContainerPlace, Finding } from './finding.ts';
import { isVariableName } from './variable-name.ts';

/** An init container runs alone, with all that the group has, and to its end. */
const NOT_OF_INIT = ['ports', 'livenessProbe', 'readinessProbe', 'resources'];
const PROBE_NUMBERS = [
  'initialDelaySeconds',
  'periodSeconds',
  'failureThreshold',
  'successThreshold',
  'timeoutSeconds',
];
const HIGHEST_PORT = 65_535;

export function checkContainer(container: ContainerPlace): readonly Finding[] {
  const { name, properties, isInit } = container;
  const path = [...container.path, 'properties'];
  const { image, command } = properties;
  const found: Finding[] = [];
  if (typeof image !== 'string' || image === '')
    found.push({ path: [...path, 'image'], message: `container ${name} needs properties.image` });
  if (command !== undefined && !isTexts(command)) {
    const message = `command of ${name}: expected a list of texts, got ${shown(command)}`;
    found.push({
      path: [...path, 'command'],
      message,
      hint: 'no shell reads it: give each argument by itself, and quote it',
    });
  }
  const unfit = isInit ? NOT_OF_INIT.filter((key) => properties[key] !== undefined) : [];
  for (const key of unfit)
    found.push({ path: [...path, key], message: `init container ${name} has ${key}, which Azure does not take there` });
  return [
    ...found,
    ...(isInit ? [] : checkResources(name, properties, path)),
    ...checkEnvironment(name, properties, path),
    ...['livenessProbe', 'readinessProbe'].flatMap((key) =>
      isInit ? [] : checkProbe(properties[key], [...path, key], `${key} of ${name}`),
    ),
  ];
}

function isTexts(value: Json | undefined): boolean {
  return Array.isArray(value) && value.every((item: Json) => typeof item === 'string');
}

function checkResources(name: string, properties: JsonObject, path: Path): readonly Finding[] {
  const resources = asObject(properties['resources']);
  const wrong = (part: string, key: string, value: Json | undefined): Finding => ({
    path: [...path, 'resources', part, key],
    message: `container ${name} needs resources.${part}.${key}: expected a number above 0, got ${shown(value)}`,
  });
  const requests = asObject(resources?.['requests']);
  const limits = asObject(resources?.['limits']) ?? {};
  return ['cpu', 'memoryInGB'].flatMap((key) => {
    const asked = requests?.[key];
    const limit = limits[key];
    return [
      ...(isAmount(asked) ? [] : [wrong('requests', key, asked)]),
      ...(limit === undefined || isAmount(limit) ? [] : [wrong('limits', key, limit)]),
    ];
  });
}

function isAmount(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function checkEnvironment(container: string, properties: JsonObject, path: Path): readonly Finding[] {
  const variables = itemsAt(properties['environmentVariables'], [...path, 'environmentVariables']);
  const named = variables.flatMap(({ item, path: at }) =>
    typeof item['name'] === 'string' && item['name'] !== '' ? [{ key: item['name'], path: [...at, 'name'] }] : [],
  );
  return [
    ...variables.flatMap(({ item, path: at }) => checkVariable(container, item, at)),
    ...repeated(named).map(({ key, path: at }) => ({ path: at, message: `container ${container} sets ${key} twice` })),
  ];
}

function checkVariable(container: string, variable: JsonObject, path: Path): readonly Finding[] {
  const { name, value, secureValue } = variable;
  if (typeof name !== 'string' || name === '')
    return [{ path: [...path, 'name'], message: `a variable of container ${container} needs a name` }];
  const what = `variable ${name} of container ${container}`;
  if (value !== undefined && secureValue !== undefined)
    return [{ path: [...path, 'value'], message: `${what} has both value and secureValue; expected one of them` }];
  if (!isVariableName(name)) {
    const message = `${what}: a variable of a group has a name of letters, digits and "_", and does not begin with a digit`;
    return [{ path: [...path, 'name'], message }];
  }
  if (value === '' || secureValue === '' || (value === undefined && secureValue === undefined)) {
    const message = `${what}: expected a value, got ${value === undefined && secureValue === undefined ? 'none' : 'an empty one'}`;
    return [{ path, message, hint: 'Container Instances takes none that is empty: leave the variable out' }];
  }
  if (value !== undefined && typeof value !== 'string') {
    const hint = asSecretReference(value) === undefined ? 'quote it' : 'give a secret as secureValue';
    return [{ path: [...path, 'value'], message: `${what}: expected text, got ${shown(value)}`, hint }];
  }
  if (secureValue === undefined || typeof secureValue === 'string' || asSecretReference(secureValue) !== undefined)
    return [];
  const message = `${what}: expected text or a reference to a secret, got ${kindOf(secureValue)}`;
  return [{ path: [...path, 'secureValue'], message, hint: 'quote it, or refer to it by {env: NAME} or {file: PATH}' }];
}

/** What stands at a secret is not repeated. */
export function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object of another form'
      : `a ${typeof value}`;
}

function checkProbe(given: Json | undefined, path: Path, what: string): readonly Finding[] {
  if (given === undefined) return [];
  const probe = asObject(given) ?? {};
  const { exec, httpGet } = probe;
  const found: Finding[] = [];
  if ((exec === undefined) === (httpGet === undefined)) {
    const got = exec === undefined ? 'neither' : 'both';
    found.push({ path, message: `${what}: expected one of exec and httpGet, got ${got}` });
  }
  const command = asObject(exec)?.['command'];
  if (exec !== undefined && (!isTexts(command) || asList(command).length === 0))
    found.push({ path: [...path, 'exec'], message: `${what}: exec needs a command, a list of texts` });
  const get = asObject(httpGet);
  if (httpGet !== undefined) {
    const at = [...path, 'httpGet'];
    if (!isPort(get?.['port']))
      found.push({
        path: [...at, 'port'],
        message: `${what}: httpGet needs a port, 1 to 65535, got ${shown(get?.['port'])}`,
      });
    found.push(...notOneOf(get?.['scheme'], ['http', 'https'], { path: [...at, 'scheme'] }));
  }
  const numbers = PROBE_NUMBERS.filter((key) => probe[key] !== undefined && !isWhole(probe[key]));
  for (const key of numbers)
    found.push({
      path: [...path, key],
      message: `${what}: expected a whole number for ${key}, got ${shown(probe[key])}`,
    });
  return found;
}

function isWhole(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isPort(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= HIGHEST_PORT;
}
