/** The JSON in a text, as functions of ARM templates read it: single quotes are taken too. */
import { ArmFault } from './arm-fault.ts';
import { ArmJsonFault } from './arm-json-fault.ts';
import { parseArmJson } from './arm-json.ts';
import type { ArmNode } from './arm-json.ts';
import type { ArmValue } from './arm-value.ts';

/** Throws ArmFault. */
export function readJson(text: string): ArmValue {
  try {
    return valueOf(parseArmJson(text, { lenient: true }));
  } catch (error) {
    if (!(error instanceof ArmJsonFault)) throw error;
    throw new ArmFault(`argument 1 is not JSON: ${error.message} (character ${error.offset + 1})`);
  }
}

/** What a tree stands for when nothing in it is evaluated. */
export function valueOf(node: ArmNode): ArmValue {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
    case 'list':
      return node.items.map(valueOf);
    case 'text':
    case 'plain':
      return node.value;
  }
}
