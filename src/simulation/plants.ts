/** All planted faults: each makes the controller break one rule, to show that its checker can fail. */
import type { Plant } from './plant.ts';
import { OF_BESIDE } from './plants-of-beside.ts';
import { OF_CONFIG } from './plants-of-config.ts';
import { OF_ENDS } from './plants-of-ends.ts';
import { OF_OTHERS } from './plants-of-others.ts';
import { OF_PEOPLE } from './plants-of-people.ts';
import { OF_SERVING } from './plants-of-serving.ts';

export const PLANTS: readonly Plant[] = [
  ...OF_SERVING,
  ...OF_OTHERS,
  ...OF_ENDS,
  ...OF_BESIDE,
  ...OF_PEOPLE,
  ...OF_CONFIG,
];

export function plantNamed(name: string): Plant | undefined {
  return PLANTS.find((plant) => plant.name === name);
}
