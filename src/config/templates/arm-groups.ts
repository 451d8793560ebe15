/**
 * The container groups among the resources of an ARM template, and the one that is meant. Other resources are left out,
 * each kind with a warning.
 */
import { membersOf } from './arm-copies.ts';
import type { ArmEvaluator } from './arm-evaluator.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmNode, ArmObjectNode } from './arm-json.ts';
import { OUTERMOST, withCopy } from './arm-scope.ts';
import type { ArmScope } from './arm-scope.ts';
import type { ArmSource } from './arm-source.ts';
import { kindOf } from './arm-value.ts';

export interface ArmGroup {
  readonly node: ArmObjectNode;
  readonly scope: ArmScope;
}

export interface FoundGroups {
  readonly groups: readonly ArmGroup[];
  /** Groups whose condition is false. */
  readonly left: number;
  readonly warnings: readonly string[];
}

const GROUP = 'microsoft.containerinstance/containergroups';
const NESTED = 'microsoft.resources/deployments';
const DEEPEST = 8;

/** Of all that is in a template's `resources`; faults go into the list. */
export function findGroups(
  resources: ArmNode,
  { evaluator, source, faults }: { evaluator: ArmEvaluator; source: ArmSource; faults: ArmFault[] },
): FoundGroups {
  const groups: ArmGroup[] = [];
  const others = new Map<string, number>();
  let left = 0;
  const visit = (list: ArmNode, parent: string, depth: number) => {
    for (const node of resourcesOf(list, evaluator)) {
      try {
        const { type, existing, resources: children } = membersOf(node);
        const name = [parent, readType(node, type, evaluator)].filter((part) => part !== '').join('/');
        if (existing?.kind === 'plain' && existing.value === true) continue;
        if (name.toLowerCase() === NESTED) throw nested(node, evaluator);
        if (name.toLowerCase() === GROUP) {
          const found = expand(node, evaluator);
          groups.push(...found);
          if (found.length === 0) left += 1;
        } else others.set(name, others.get(name) ?? node.start);
        if (children !== undefined && depth < DEEPEST) visit(children, name, depth + 1);
      } catch (error) {
        if (!(error instanceof ArmFault)) throw error;
        faults.push(error.at(evaluator.place(node)));
      }
    }
  };
  try {
    visit(resources, '', 0);
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error;
    faults.push(error);
  }
  return { groups, left, warnings: warn(others, source) };
}

function warn(others: ReadonlyMap<string, number>, source: ArmSource): string[] {
  const why = 'is left out: of a template, only the container group is made here';
  return [...others].map(([type, offset]) => `${source.shown}:${source.line(offset)}: ${type} ${why}`);
}

/** Throws ArmFault where it is not clear which is meant. */
export function chooseGroup(
  { groups, left }: FoundGroups,
  wanted: string | undefined,
  { evaluator, resources }: { evaluator: ArmEvaluator; resources: ArmNode },
): ArmGroup {
  const place = evaluator.place(resources);
  const [only, ...more] = groups;
  if (only === undefined) {
    const hint = left === 0 ? undefined : 'there is one, but its condition is false or its loop goes round no times';
    throw new ArmFault('the template makes no Microsoft.ContainerInstance/containerGroups', { hint, place });
  }
  if (wanted === undefined && more.length === 0) return only;
  const named = groups.map((group) => ({ group, name: nameOf(group, evaluator) }));
  const names = named.map(({ name }) => name).join(', ');
  if (wanted === undefined)
    throw new ArmFault(`the template makes ${groups.length} container groups: ${names}`, {
      hint: 'say which by template.resource in the config',
      place,
    });
  const found = named.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const [one, ...same] = found;
  if (one !== undefined && same.length === 0) return one.group;
  const message =
    one === undefined ? `no container group is called "${wanted}"` : `${found.length} are called "${wanted}"`;
  throw new ArmFault(message, { hint: `the template makes ${names}`, place });
}

/** A list, or an object of named ones as templates of language version 2.0 have it. */
function resourcesOf(list: ArmNode, evaluator: ArmEvaluator): readonly ArmObjectNode[] {
  const nodes =
    list.kind === 'list' ? list.items : list.kind === 'object' ? list.members.map(({ value }) => value) : [list];
  return nodes.map((node) => {
    if (node.kind === 'object') return node;
    throw new ArmFault('expected a resource, an object with type, apiVersion and name', {
      place: evaluator.place(node),
    });
  });
}

function readType(node: ArmObjectNode, type: ArmNode | undefined, evaluator: ArmEvaluator): string {
  if (type === undefined) throw new ArmFault('the resource has no type', { place: evaluator.place(node) });
  // With symbolic names, a type of another extension has its version after an @.
  const value = evaluator.evaluate(type);
  if (typeof value === 'string' && value !== '') return value;
  throw new ArmFault(`the type of a resource: expected a string, got ${kindOf(value)}`, {
    place: evaluator.place(type),
  });
}

function nested(node: ArmObjectNode, evaluator: ArmEvaluator): ArmFault {
  const { type } = membersOf(node);
  return new ArmFault('templates within templates (Microsoft.Resources/deployments) are not read', {
    hint: 'give the inner template itself; what bicep makes of a module is one, too',
    place: evaluator.place(type ?? node),
  });
}

/** Once for each time its loop goes round; not where its condition is false. */
function expand(node: ArmObjectNode, evaluator: ArmEvaluator): ArmGroup[] {
  const { copy, condition } = membersOf(node);
  const scopes = copy === undefined ? [OUTERMOST] : loop(copy, evaluator);
  return scopes.flatMap((scope) => {
    if (condition === undefined) return [{ node, scope }];
    const value = evaluator.evaluate(condition, scope);
    if (typeof value === 'boolean') return value ? [{ node, scope }] : [];
    throw new ArmFault(`condition: expected a bool, got ${kindOf(value)}`, { place: evaluator.place(condition) });
  });
}

function loop(copy: ArmNode, evaluator: ArmEvaluator): ArmScope[] {
  const { name, count } = membersOf(copy);
  if (name?.kind !== 'text' || count === undefined)
    throw new ArmFault('the loop of a resource needs name and count', { place: evaluator.place(copy) });
  return Array.from({ length: evaluator.count(count, OUTERMOST) }, (_, index) => ({
    ...withCopy(OUTERMOST, name.value, index),
    resourceCopy: index,
  }));
}

function nameOf({ node, scope }: ArmGroup, evaluator: ArmEvaluator): string {
  const { name } = membersOf(node);
  if (name === undefined) throw new ArmFault('the container group has no name', { place: evaluator.place(node) });
  const value = evaluator.evaluate(name, scope);
  if (typeof value === 'string') return value;
  throw new ArmFault(`name: expected a string, got ${kindOf(value)}`, { place: evaluator.place(name) });
}
