/** A config as a command needs it; what is wrong with it is told, and the command ends with 2. */
import { formatConfigError } from '../config/format-error.ts';
import { loadSettings } from '../config/load.ts';
import type { Loaded } from '../config/load.ts';
import { nearMatch } from '../config/near-match.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { ConfigError } from '../model/errors.ts';
import type { TextOutput } from './validate.ts';

const MOST_NAMES = 20;

/** Undefined where it was told what is wrong. */
export function loadOrTell(file: string, output: TextOutput): Loaded | undefined {
  try {
    return loadSettings(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(formatConfigError(error));
    return undefined;
  }
}

/** Undefined where it was told that there is none, and which there are. */
export function appOrTell(
  name: string,
  given: { config: string; settings: Settings },
  output: TextOutput,
): App | undefined {
  const app = given.settings.apps.find((one) => one.name === name);
  if (app !== undefined) return app;
  const names = given.settings.apps.map((one) => one.name);
  const near = nearMatch(name, names);
  const hint = near === undefined ? `it has ${names.slice(0, MOST_NAMES).join(', ')}` : `did you mean "${near}"?`;
  output.err(`viridian: ${given.config} has no app "${name}"; ${hint}`);
  return undefined;
}
