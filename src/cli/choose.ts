/** `viridian choose --policy FILE < tags.txt`: what a policy makes of a list of tags, offline, and why. */
import { formatConfigError } from '../config/format-error.ts';
import { loadPolicy } from '../config/policy.ts';
import { ConfigError } from '../model/errors.ts';
import type { Choice, RunningTag } from '../policy/choice.ts';
import { choose } from '../policy/choose.ts';
import { readTagLines } from './tag-lines.ts';
import type { TextOutput } from './validate.ts';

const MOST_ROWS = 200;

export interface ChooseCommand {
  /** File with a policy block alone. */
  readonly policy: string;
  readonly running: RunningTag | undefined;
  /** Milliseconds since 1970, for the age of tags. */
  readonly now: number;
  readonly json: boolean;
}

/** Exit status: 0 with an answer, also where it is that nothing can be told; 1 for a bad list, 2 for a bad policy. */
export async function chooseOffline(
  command: ChooseCommand,
  list: AsyncIterable<Uint8Array>,
  output: TextOutput,
): Promise<number> {
  try {
    const policy = loadPolicy(command.policy);
    const { tags, problems } = await readTagLines(list);
    if (problems.length > 0) {
      output.err(`viridian: the list of tags cannot be read\n${problems.join('\n')}`);
      return 1;
    }
    const choice = choose(policy, tags, command);
    output.out(command.json ? asJson(choice) : asText(choice, tags.length));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(formatConfigError(error));
    return 2;
  }
}

function asJson({ chosen, reason, skipped }: Choice): string {
  // oxlint-disable-next-line unicorn/no-null -- JSON has no undefined
  return JSON.stringify({ chosen: chosen?.name ?? null, reason, skipped });
}

function asText({ chosen, reason, skipped, collisions }: Choice, total: number): string {
  const answer = chosen === undefined ? `nothing should run: ${reason}` : `${chosen.name} should run: ${reason}`;
  const shared = collisions.map(
    ({ value, tags: [first, ...others] }) => `${first} counts for ${value}, not ${others.join(', ')}`,
  );
  if (skipped.length === 0) return [answer, ...shared].join('\n');
  const rows = skipped.slice(0, MOST_ROWS);
  const width = Math.max(...rows.map(({ tag }) => tag.length));
  const table = rows.map((row) => `  ${row.tag.padEnd(width)}  ${row.reason}`);
  const more = skipped.length - rows.length;
  if (more > 0) table.push(`  and ${more} more; --json lists them all`);
  return [answer, ...shared, `skipped ${skipped.length} of ${total} tags:`, ...table].join('\n');
}
