/** A choice as commands print it: a JSON object, or lines for people. */
import type { Choice, Skipped } from '../policy/choice.ts';

const MOST_ROWS = 200;

/** The parts of a choice that are printed as JSON. */
export function choiceJson({ chosen, reason, skipped }: Choice) {
  // oxlint-disable-next-line unicorn/no-null -- JSON has no undefined
  return { chosen: chosen?.name ?? null, reason, skipped };
}

/** `total`: tags of the list. */
export function choiceText({ chosen, reason, skipped, collisions }: Choice, total: number): string {
  const answer = chosen === undefined ? `nothing should run: ${reason}` : `${chosen.name} should run: ${reason}`;
  const shared = collisions.map(
    ({ value, tags: [first, ...others] }) => `${first} counts for ${value}, not ${others.join(', ')}`,
  );
  return [answer, ...shared, ...tagTable('skipped', skipped, total)].join('\n');
}

/** Nothing where there are no such tags. */
export function tagTable(title: string, tags: readonly Skipped[], total: number): readonly string[] {
  if (tags.length === 0) return [];
  const rows = tags.slice(0, MOST_ROWS);
  const width = Math.max(...rows.map(({ tag }) => tag.length));
  const table = rows.map((row) => `  ${row.tag.padEnd(width)}  ${row.reason}`);
  const more = tags.length - rows.length;
  if (more > 0) table.push(`  and ${more} more; --json lists them all`);
  return [`${title} ${tags.length} of ${total} tags:`, ...table];
}
