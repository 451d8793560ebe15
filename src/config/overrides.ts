/** What the groups of an app may have of their own: all but what Viridian sets, and what tells them apart from outside. Pure. */
import type { ConfigProblem } from '../model/errors.ts';
import type { JsonObject } from '../model/app.ts';
import { asList } from './json.ts';
import { pathText } from './problems.ts';
import { groupDocuments } from './templates/group-documents.ts';
import { checkGroup } from './templates/group-checks.ts';
import { checkSecretPlaces } from './templates/misplaced-secrets.ts';
import { outlineOf } from './templates/outline.ts';
import type { ReadTemplate } from './templates/read.ts';
import { documentWith } from './templates/variants.ts';
import type { OverrideConfig } from './template-schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** Viridian sets them, or has no use for them; in lower case, as Azure takes any. */
const NOT_TO_BE_SET = new Set(['name', 'location', 'type', 'apiversion', 'variants']);

interface Given {
  readonly overrides: readonly OverrideConfig[];
  readonly locations: readonly string[];
  readonly replicas?: number | undefined;
}

export function checkOverrides(
  { overrides, locations, replicas }: Given,
  read: ReadTemplate,
  { yaml, path }: { readonly yaml: YamlFile; readonly path: Path },
): ConfigProblem[] {
  const count = replicas ?? read.replicas ?? 1;
  const wrong = overrides.flatMap(({ location, replica, set }, index) => {
    const at = (...more: Path) => [...path, index, ...more];
    if (location !== undefined && !locations.includes(location)) {
      const message = `overrides: the app has no location "${location}"; expected one of ${locations.join(', ')}`;
      return [yaml.problem(at('location'), message)];
    }
    if (replica !== undefined && replica > count) {
      const message = `overrides: expected a replica from 1 to ${count}, as many as the app has in each location, got ${replica}`;
      return [yaml.problem(at('replica'), message)];
    }
    const fights = Object.keys(set).filter((key) => NOT_TO_BE_SET.has(key.toLowerCase()));
    if (fights.length > 0)
      return fights.map((key) =>
        yaml.problem(at('set', key), `overrides: ${key} is set by Viridian itself, and cannot be set here`, {
          atKey: true,
        }),
      );
    return [];
  });
  return wrong.length > 0 ? wrong : checkAll(overrides.length, { ...read, locations, replicas: count }, { yaml, path });
}

/** What each group comes out as. What is wrong is told once, at the override that it is wrong from on. */
function checkAll(
  count: number,
  read: ReadTemplate & { readonly locations: readonly string[]; readonly replicas: number },
  { yaml, path }: { readonly yaml: YamlFile; readonly path: Path },
): ConfigProblem[] {
  const { document: all } = read.template;
  const others = asList(all['variants']).length - count;
  const found = groupDocuments(read).flatMap(({ document, variants }) => {
    const check = (one: JsonObject, index: number) =>
      checkMerged(read, one, (message) => yaml.problem([...path, index - others, 'set'], message));
    // What has no override is checked where it is read.
    const own = variants.filter((index) => index >= others);
    const [last] = own.slice(-1);
    if (last === undefined || check(document, last).length === 0) return [];
    const steps = own.map((index) => check(documentWith(all, variants.slice(0, variants.indexOf(index) + 1)), index));
    return steps.find((problems) => problems.length > 0) ?? [];
  });
  return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function checkMerged(
  read: ReadTemplate,
  merged: JsonObject,
  problem: (message: string) => ConfigProblem,
): ConfigProblem[] {
  const { containers, ports, isPublic } = outlineOf(merged);
  const missing = read.containers.filter((name) => !containers.includes(name));
  // Where none is left, that is what is wrong.
  if (containers.length > 0 && missing.length > 0)
    return [problem(`overrides: container ${missing.join(', ')} of the template is missing`)];
  if (containers.length > 0 && (isPublic !== read.isPublic || ports.join() !== read.ports.join()))
    return [problem('overrides: the public address and its ports must be the same for every group of an app')];
  return [
    ...checkSecretPlaces(merged, (_path, message) => problem(`overrides: ${message}`)),
    ...checkGroup(merged, (path, message) => problem(`overrides: ${pathText(path)}: ${message}`)),
  ];
}
