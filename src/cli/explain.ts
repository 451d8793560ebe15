/** `viridian explain APP`: why it does or does not move, in the words of the log, and what its policies choose. */
import { appExplanation } from '../server/api-schema.ts';
import type { AppExplanation } from '../server/api-schema.ts';
import type { ApiClient } from './api-client.ts';
import { printable } from '../model/printable.ts';
import { aligned, moment } from './plain-words.ts';
import type { TextOutput } from './validate.ts';

/** Throws ApiError. */
export async function explain(
  client: ApiClient,
  { app, json }: { readonly app: string; readonly json: boolean },
  output: TextOutput,
): Promise<number> {
  const why = await client.read(`/v1/apps/${encodeURIComponent(app)}/explain`, appExplanation);
  output.out(json ? JSON.stringify(why) : explanationText(why, new Date().toISOString()));
  return 0;
}

const MOST_SKIPPED = 10;

export function explanationText({ app, says, evidence, heldBack, images }: AppExplanation, now: string): string {
  const until = says?.until === undefined ? '' : ` (until ${moment(says.until, now)})`;
  const lines = [
    `${app}: ${printable(says?.text ?? 'nothing was said of it since the daemon began to drive it')}${until}`,
  ];
  if (heldBack.length > 0) lines.push('held back:', ...heldBack.map((one) => `  ${printable(one)}`));
  if (evidence !== undefined) {
    const { rollout, to } = evidence;
    const command = `viridian history ${app} --evidence ${rollout}`;
    lines.push(printable(`what was seen of ${to ?? 'the candidate'} before it went is kept: ${command}`));
  }
  for (const { container, repository, running, chosen, reason, skipped, skippedCount } of images) {
    lines.push(
      aligned([
        [`${container}:`, repository],
        ['  runs', running ?? 'nothing'],
        ['  chosen', `${chosen ?? 'nothing'}: ${reason}`],
      ]),
    );
    if (skippedCount === 0) continue;
    const rows = skipped.slice(0, MOST_SKIPPED).map((one) => ['   ', one.tag, one.reason]);
    const more = skippedCount - rows.length;
    lines.push(`  skipped ${skippedCount} tags:`, aligned(rows));
    if (more > 0) lines.push(`    and ${more} more`);
  }
  return lines.join('\n');
}
