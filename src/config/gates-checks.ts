/**
 * Rules of what may keep a rollout from starting, across fields: expressions, time zones, groups, and the order of apps.
 * Windows are looked at as they stand in the file, so that a mistake elsewhere does not hide theirs.
 */
import type { ConfigProblem } from '../model/errors.ts';
import { cronFault } from '../policy/windows.ts';
import { nearMatch } from './near-match.ts';
import type { AppConfig } from './schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** Apps that are good by themselves, each with its index in the file. */
type Apps = readonly (readonly [number, AppConfig])[];

export function checkGates(yaml: YamlFile, apps: Apps): ConfigProblem[] {
  return [...checkWindows(yaml, apps), ...checkOrder(yaml, apps), ...checkCircles(yaml, apps)];
}

function checkWindows(yaml: YamlFile, apps: Apps): ConfigProblem[] {
  const places: Path[] = [['windows'], ...apps.map(([index]) => ['apps', index, 'windows'])];
  return places.flatMap((place) =>
    ['allow', 'deny'].flatMap((key) => {
      const list = yaml.has([...place, key]) ? yaml.valueAt([...place, key]) : undefined;
      return Array.isArray(list) ? list.flatMap((_, index) => checkWindow(yaml, [...place, key, index])) : [];
    }),
  );
}

function checkWindow(yaml: YamlFile, at: Path): ConfigProblem[] {
  const textAt = (key: string) => {
    const value = yaml.has([...at, key]) ? yaml.valueAt([...at, key]) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [cron, timeZone] = [textAt('cron'), textAt('timeZone')];
  const problems: ConfigProblem[] = [];
  const fault = cron === undefined ? undefined : cronFault(cron);
  if (fault !== undefined) {
    const message = `cron: expected a cron expression such as "0 22 * * MON-FRI", got "${cron}": ${fault}`;
    problems.push(yaml.problem([...at, 'cron'], message));
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const near = nearMatch(timeZone, Intl.supportedValuesOf('timeZone'));
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    const message = `timeZone: expected a time zone such as Europe/Berlin, got "${timeZone}"`;
    problems.push(yaml.problem([...at, 'timeZone'], message, { hint }));
  }
  return problems;
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Groups that are not there, apps that go first and are not there, and circles of such apps. */
function checkOrder(yaml: YamlFile, apps: Apps): ConfigProblem[] {
  const groups = keysAt(yaml, ['groups']);
  const names = namesIn(yaml);
  return apps.flatMap(([index, { name, group, after }]) => [
    ...(group === undefined || groups.includes(group)
      ? []
      : [
          yaml.problem(['apps', index, 'group'], `group: there is no group "${group}"`, {
            hint: hintOf(group, groups),
          }),
        ]),
    ...after.flatMap((other, number) => {
      const at = ['apps', index, 'after', number];
      if (other === name) return [yaml.problem(at, `after: app ${name} cannot go after itself`)];
      if (after.indexOf(other) < number) return [yaml.problem(at, `after: "${other}" is named twice`)];
      if (names.includes(other)) return [];
      const others = names.filter((one) => one !== name);
      return [yaml.problem(at, `after: there is no app "${other}"`, { hint: hintOf(other, others) })];
    }),
  ]);
}

/** Each circle once, at the app of it that comes first in the file. */
function checkCircles(yaml: YamlFile, apps: Apps): ConfigProblem[] {
  const afters = new Map(apps.map(([, { name, after }]) => [name, after]));
  const told = new Set<string>();
  return apps.flatMap(([index, { name, after }]) => {
    const circle = told.has(name) ? undefined : circleFrom(name, afters);
    if (circle === undefined) return [];
    for (const one of circle) told.add(one);
    const number = after.indexOf(circle[1] ?? '');
    const message = `after: ${[...circle, name].join(' goes after ')}: none of them could ever start`;
    return [yaml.problem(['apps', index, 'after', number], message)];
  });
}

/** The shortest way from an app back to itself, without its end; undefined where there is none. */
function circleFrom(start: string, afters: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const next: string[][] = [];
    for (const way of ways) {
      for (const other of afters.get(way.at(-1) ?? '') ?? []) {
        if (other === start && way.length > 1) return way;
        if (other === start || seen.has(other)) continue;
        seen.add(other);
        next.push([...way, other]);
      }
    }
    ways = next;
  }
  return undefined;
}

/** Also of apps that are wrong otherwise. */
function namesIn(yaml: YamlFile): string[] {
  const apps = yaml.has(['apps']) ? yaml.valueAt(['apps']) : [];
  return (Array.isArray(apps) ? apps : []).flatMap((app: unknown) =>
    typeof app === 'object' && app !== null && 'name' in app && typeof app.name === 'string' ? [app.name] : [],
  );
}

function keysAt(yaml: YamlFile, path: Path): string[] {
  const value = yaml.has(path) ? yaml.valueAt(path) : undefined;
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function hintOf(word: string, known: readonly string[]): string {
  const near = nearMatch(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'there are none' : `known: ${known.slice(0, 20).join(', ')}`;
}
