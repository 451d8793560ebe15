/** What may keep a rollout from starting, as settings; and what to warn of: windows that never open, or are closed now. */
import type { App } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import type { Window, Windows } from '../model/window.ts';
import { judgeWindows } from '../policy/windows.ts';
import type { WindowsConfig } from './gates-schema.ts';
import type { RawAppConfig, Config } from './schema.ts';
import type { RolloutLimits } from './settings.ts';

/** The part of an app's settings that is about when its rollouts start. */
export function toAppGates(app: RawAppConfig, config: Config): Pick<App, 'mode' | 'windows' | 'group' | 'after'> {
  const windows = [config.windows, app.windows].flatMap((one) => (one === undefined ? [] : [toWindows(one)]));
  return {
    mode: app.mode ?? config.mode,
    ...(windows.length === 0 ? {} : { windows }),
    ...(app.group === undefined ? {} : { group: app.group }),
    ...(app.after.length === 0 ? {} : { after: app.after }),
  };
}

export function toLimits({ maxConcurrentRollouts, groups }: Config): RolloutLimits {
  const ofGroups = Object.entries(groups).map(([name, group]) => [name, group.maxConcurrentRollouts] as const);
  return { all: maxConcurrentRollouts, groups: Object.fromEntries(ofGroups) };
}

function toWindows({ allow, deny }: WindowsConfig): Windows {
  const toWindow = ({ name, cron, timeZone, duration }: WindowsConfig['allow'][number]): Window => ({
    name,
    cron,
    timeZone,
    durationMs: duration,
  });
  return { allow: allow.map(toWindow), deny: deny.map(toWindow) };
}

/** One for the windows of the whole config, and one for each app that has windows of its own besides. */
export function windowWarnings(config: Config, apps: readonly App[], now: Instant): readonly string[] {
  const whole = config.windows === undefined ? [] : closedWarning('windows', [toWindows(config.windows)], now);
  const own = config.apps.flatMap(({ name, windows }) => {
    const app = apps.find((one) => one.name === name);
    return windows === undefined ? [] : closedWarning(`windows of app ${name}`, app?.windows ?? [], now);
  });
  return [...whole, ...own];
}

function closedWarning(what: string, windows: readonly Windows[], now: Instant): readonly string[] {
  const verdict = judgeWindows(windows, now);
  if (verdict.kind === 'open') return [];
  const { reason, opensAt, searchedUntil } = verdict;
  if (opensAt !== undefined) {
    return [`${what}: closed for now (${reason}); rollouts of new releases start from ${isoOf(opensAt)} on`];
  }
  return [
    `${what}: they never open, as far as ${isoOf(searchedUntil)} (${reason}), so no new release is ever rolled out; ` +
      'change allow or deny',
  ];
}

function isoOf(at: Instant): string {
  return new Date(at).toISOString();
}
