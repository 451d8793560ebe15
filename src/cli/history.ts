/** `viridian history APP`: rollouts and commands of the past, oldest first; with `--evidence`, what is kept of one that failed. */
import { betweenText } from '../model/between.ts';
import { printable } from '../model/printable.ts';
import { appHistory, rolloutEvidence } from '../server/api-schema.ts';
import type { AppHistory, RolloutEvidence } from '../server/api-schema.ts';
import { ApiError } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import { aligned, span } from './plain-words.ts';
import type { TextOutput } from './validate.ts';

/** Throws ApiError. */
export async function history(
  client: ApiClient,
  { app, json }: { readonly app: string; readonly json: boolean },
  output: TextOutput,
): Promise<number> {
  const past = await client.read(`/v1/apps/${encodeURIComponent(app)}/history`, appHistory);
  output.out(json ? JSON.stringify(past) : historyText(past));
  return 0;
}

/** `rollout`: the last of which something is kept where absent. Throws ApiError, also where there is nothing. */
export async function evidence(
  client: ApiClient,
  { app, rollout, json }: { readonly app: string; readonly rollout: string | undefined; readonly json: boolean },
  output: TextOutput,
): Promise<number> {
  const path = `/v1/apps/${encodeURIComponent(app)}`;
  const id = rollout ?? (await lastWithEvidence(client, path));
  if (id === undefined) throw new ApiError(`nothing is kept of any rollout of ${app}: none has failed lately`);
  const found = await client.read(`${path}/rollouts/${encodeURIComponent(id)}/evidence`, rolloutEvidence);
  output.out(json ? JSON.stringify(found) : evidenceText(found));
  return 0;
}

async function lastWithEvidence(client: ApiClient, path: string): Promise<string | undefined> {
  const { rollouts } = await client.read(`${path}/history`, appHistory);
  return rollouts.findLast((one) => one.evidence !== undefined)?.rollout;
}

/** Each item with its lines below it. */
export function evidenceText({ rollout, to, outcome, at, isCut, items }: RolloutEvidence): string {
  const what = `rollout ${rollout}${to === undefined ? '' : ` to ${to}`}, ${outcome ?? 'under way'}, seen at ${at}`;
  const cut = isCut ? ['(cut: the beginnings of long texts, or what could not be read in time, are missing)'] : [];
  const parts = items.flatMap(({ kind, of, text }) => [
    '',
    printable(`${kind} of ${of}`),
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `  ${printable(line)}`),
  ]);
  return [printable(what), ...cut, ...parts].join('\n');
}

/** Both in one list, by time. */
export function historyText({ app, rollouts, commands }: AppHistory): string {
  const rows = [
    ...rollouts.map(({ rollout, startedAt, endedAt, reason, from, to, outcome, detail, evidence: kept }) => {
      const took = span(Date.parse(endedAt) - Date.parse(startedAt));
      const more = kept === undefined ? '' : ` (--evidence ${rollout})`;
      const text = `${betweenText(reason, { from, to })}${detail === undefined ? '' : `: ${detail}`}${more}`;
      return { at: startedAt, row: [reason, `${outcome} in ${took}`, text] };
    }),
    ...commands.map(({ at, by, from, command, outcome }) => ({ at, row: [command, `${by} (${from})`, outcome] })),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  if (rows.length === 0) return `nothing has happened to ${app} yet`;
  const cells = rows.map(({ at, row }) => [`${at.slice(0, 10)} ${at.slice(11, 19)}Z`, ...row]);
  return aligned([['WHEN', 'WHAT', 'OUTCOME OR BY', 'MORE'], ...cells]);
}
