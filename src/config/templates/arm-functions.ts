/** Every function of ARM templates whose arguments are all evaluated first, by its name in lower case. */
import { COLLECTION_FUNCTIONS } from './arm-collection-functions.ts';
import type { ArmFunction } from './arm-function.ts';
import { LOGIC_FUNCTIONS } from './arm-logic-functions.ts';
import { SCOPE_FUNCTIONS } from './arm-scope-functions.ts';
import { TEXT_FUNCTIONS } from './arm-text-functions.ts';

export const FUNCTIONS: ReadonlyMap<string, ArmFunction> = new Map(
  [...TEXT_FUNCTIONS, ...COLLECTION_FUNCTIONS, ...LOGIC_FUNCTIONS, ...SCOPE_FUNCTIONS].map((one) => [
    one.name.toLowerCase(),
    one,
  ]),
);
