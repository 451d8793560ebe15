/** `viridian promote`, `pause`, `resume`, `abort`, `retry`, `rollback`, `hold` and `release`: one command to one app. */
import { ApiError } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import { printable } from '../model/printable.ts';
import type { TextOutput } from './validate.ts';

export interface CommandGiven {
  readonly app: string;
  readonly json: boolean;
  /** As the API takes it. */
  readonly body: { readonly command: string };
}

/** Exit status: 0 where it is done, or was so already; 1 where it is refused. */
export async function command(
  client: ApiClient,
  { app, json, body }: CommandGiven,
  output: TextOutput,
): Promise<number> {
  try {
    const answer = await client.command(app, body);
    output.out(json ? JSON.stringify(answer) : printable(answer.message));
    return 0;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message, because } = error;
    if (json)
      output.out(JSON.stringify({ app, result: because === undefined ? 'failed' : 'refused', message, because }));
    else output.err(`viridian: ${printable(message)}`);
    return 1;
  }
}
