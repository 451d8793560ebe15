/** `viridian validate FILE`: reads the config and its templates as the daemon would, and starts nothing. */
import type { Settings } from '../config/settings.ts';
import { loadOrTell } from './settings-of.ts';

export interface TextOutput {
  out(text: string): void;
  err(text: string): void;
}

/** Exit status: 0 where the file is good, 2 where it is not. */
export function validate({ file, json }: { file: string; json: boolean }, output: TextOutput): number {
  const loaded = loadOrTell(file, output);
  if (loaded === undefined) return 2;
  const { settings, warnings } = loaded;
  if (json) {
    output.out(JSON.stringify(summaryOf(file, settings, warnings)));
    return 0;
  }
  for (const warning of warnings) output.err(`warning: ${warning}`);
  for (const app of settings.apps) {
    const reach = app.traffic === undefined ? 'no traffic' : `profile ${app.traffic.profile}`;
    output.out(`${app.name}: ${app.replicas} × ${app.locations.join(', ')}, ${reach}, template ${app.template.hash}`);
  }
  output.out(
    `${file} is good: ${settings.apps.length} app${settings.apps.length === 1 ? '' : 's'}, owner ${settings.owner}.`,
  );
  return 0;
}

function summaryOf(file: string, { owner, apps }: Settings, warnings: readonly string[]): object {
  return {
    file,
    owner,
    apps: apps.map(({ name, replicas, locations, traffic, template, rollout, mode = 'act' }) => ({
      name,
      replicas,
      locations,
      ...(traffic !== undefined && { profile: traffic.profile }),
      template: template.hash,
      strategy: rollout.strategy.kind,
      mode,
    })),
    warnings,
  };
}
