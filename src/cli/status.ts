/** `viridian status [APP] [--watch]`: what runs, what is under way, what it waits for and until when. */
import { appList, appStatus } from '../server/api-schema.ts';
import { ApiError } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import { printable } from '../model/printable.ts';
import { listText, statusText } from './status-text.ts';
import type { TextOutput } from './validate.ts';

export interface StatusOptions {
  readonly app: string | undefined;
  readonly json: boolean;
}

interface Shown {
  readonly text: string;
  /** What it says, but for the time at which it was asked. */
  readonly content: string;
}

/** Throws ApiError. */
export async function status(client: ApiClient, options: StatusOptions, output: TextOutput): Promise<number> {
  output.out((await ask(client, options)).text);
  return 0;
}

export interface WatchGiven {
  readonly output: TextOutput;
  /** Where a terminal shows it, each look takes the place of the one before; elsewhere what has changed is added. */
  readonly isTerminal: boolean;
  /** Resolves when the next look is due; false ends it. */
  readonly next: () => Promise<boolean>;
}

const CLEAR = '\u001b[H\u001b[2J';

/** An answer that does not come is told, and asked for again. */
export async function watchStatus(
  client: ApiClient,
  options: StatusOptions,
  { output, isTerminal, next }: WatchGiven,
): Promise<number> {
  let before = '';
  do {
    const shown = await ask(client, options).catch((error: unknown): Shown => {
      if (!(error instanceof ApiError)) throw error;
      const text = options.json
        ? JSON.stringify({ result: 'failed', message: error.message })
        : printable(error.message);
      return { text, content: text };
    });
    if (isTerminal && !options.json) output.out(CLEAR + shown.text);
    else if (shown.content !== before) output.out(shown.text);
    before = shown.content;
  } while (await next());
  return 0;
}

async function ask(client: ApiClient, { app, json }: StatusOptions): Promise<Shown> {
  if (app === undefined) {
    const list = await client.read('/v1/apps', appList);
    return { text: json ? JSON.stringify(list) : listText(list), content: JSON.stringify(list.apps) };
  }
  const one = await client.read(`/v1/apps/${encodeURIComponent(app)}`, appStatus);
  return { text: json ? JSON.stringify(one) : statusText(one), content: JSON.stringify({ ...one, at: '' }) };
}
