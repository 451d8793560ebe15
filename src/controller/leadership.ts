/**
 * Which apps this daemon drives. Alone it drives all. Where several daemons share the work, each app belongs to one of a
 * fixed number of partitions, and only who holds a partition's lease drives its apps.
 */

export const PARTITIONS = 16;

/** The longest that a change may be under way, and as long again as clocks may differ in their pace. */
export const EFFECT_MS = 31_000;

export interface Leadership {
  /**
   * Number of the present term, another one after each change of hands; undefined where somebody else may drive the app
   * before a change that is sent now must have ended. What was loaded in another term is out of date.
   */
  term(app: string): number | undefined;
}

/** The only daemon of its store. */
export const ALONE: Leadership = { term: () => 1 };

/** 0 to 15: the same in every daemon (FNV-1a over the name). */
export function partitionOf(app: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const character of app) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  return (hash >>> 0) % PARTITIONS;
}
