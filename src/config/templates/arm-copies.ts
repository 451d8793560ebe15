/** Loops of properties and variables: a member `copy` that lists names, counts and what is repeated. */
import { ArmFault } from './arm-fault.ts';
import type { ArmMember, ArmNode, ArmObjectNode } from './arm-json.ts';

export interface ArmCopy {
  readonly name: string;
  readonly count: ArmNode;
  readonly input: ArmNode;
}

/** Undefined where the member is no loop. */
export function copiesOf({ key, value }: ArmMember): readonly ArmCopy[] | undefined {
  if (key.toLowerCase() !== 'copy' || value.kind !== 'list' || !value.items.every(isLoop)) return undefined;
  return value.items.map((item) => {
    const { name, count, input } = membersOf(item);
    if (name?.kind === 'text' && count !== undefined && input !== undefined) return { name: name.value, count, input };
    throw new ArmFault('a loop needs name, count and input');
  });
}

function isLoop(node: ArmNode): node is ArmObjectNode {
  const { name, count, input } = membersOf(node);
  return name !== undefined && (count !== undefined || input !== undefined);
}

/** Keys in any letter case are found in lower case; nothing of what is no object. */
export function membersOf(node: ArmNode | undefined): Readonly<Record<string, ArmNode | undefined>> {
  if (node?.kind !== 'object') return {};
  return Object.fromEntries(node.members.map(({ key, value }) => [key.toLowerCase(), value]));
}
