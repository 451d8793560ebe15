/** `viridian history APP`: rollouts and commands of the past, oldest first. */
import { appHistory } from '../server/api-schema.ts';
import type { AppHistory } from '../server/api-schema.ts';
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

/** Both in one list, by time. */
export function historyText({ app, rollouts, commands }: AppHistory): string {
  const rows = [
    ...rollouts.map(({ startedAt, endedAt, reason, from, to, outcome, detail }) => {
      const took = span(Date.parse(endedAt) - Date.parse(startedAt));
      const text = `${from ?? 'nothing'} → ${to ?? 'nothing'}${detail === undefined ? '' : `: ${detail}`}`;
      return { at: startedAt, row: [reason, `${outcome} in ${took}`, text] };
    }),
    ...commands.map(({ at, by, from, command, outcome }) => ({ at, row: [command, `${by} (${from})`, outcome] })),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  if (rows.length === 0) return `nothing has happened to ${app} yet`;
  const cells = rows.map(({ at, row }) => [`${at.slice(0, 10)} ${at.slice(11, 19)}Z`, ...row]);
  return aligned([['WHEN', 'WHAT', 'OUTCOME OR BY', 'MORE'], ...cells]);
}
