/**
 * `viridian validate FILE --live`: reads the config, then looks at the Azure, the registries and the secrets that it names,
 * and says of each whether a rollout could go on with it. Reads alone, beside a daemon that runs.
 */
import { tallyOf } from '../preflight/line.ts';
import { lookBefore } from '../preflight/look.ts';
import { openWorld } from './preflight-world.ts';
import { preflightText } from './preflight-text.ts';
import { loadOrTell } from './settings-of.ts';
import type { TextOutput } from './validate.ts';

export interface PreflightCommand {
  readonly file: string;
  readonly json: boolean;
  readonly colour: boolean;
}

/** Exit status: 0 where nothing stands in the way, 1 where something does, 2 where the config itself is wrong. */
export async function preflight({ file, json, colour }: PreflightCommand, output: TextOutput): Promise<number> {
  const loaded = loadOrTell(file, output);
  if (loaded === undefined) return 2;
  const { settings, warnings } = loaded;
  for (const warning of warnings) output.err(`warning: ${warning}`);
  const lines = await lookBefore(settings, await openWorld(settings));
  const tally = tallyOf(lines);
  output.out(json ? JSON.stringify({ file, ...tally, lines }) : preflightText(lines, { colour }));
  return tally.errors === 0 ? 0 : 1;
}
