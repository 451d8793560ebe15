/**
 * Which of the versions that are pushed work as they should, by what their programs do. One that starts slowly does, as
 * long as the failures that condemn it do not fit in between the end of its probe's grace and its start. One that does
 * badly works as long as no check tells.
 */
import { ERRORS, tellingChecks } from './draw-checks.ts';
import type { AppOptions, Options, Push } from './options.ts';
import { imagesIn, WEB } from './release-words.ts';
import { probeOf } from './settings.ts';

/** By what the release is called: of several images each has to be good. A tag that moves is as good as the worst that it has stood for. */
export function goodTags({ apps, pushes }: Pick<Options, 'apps' | 'pushes'>): (app: string, name: string) => boolean {
  const byName = new Map(apps.map((app) => [app.name, app]));
  const bad = pushes.filter(({ app, program, measured }) => measured === 'failure' || isBad(program, byName.get(app)));
  const keys = new Set(bad.map(({ app, container = WEB, tag }) => `${app} ${container} ${tag}`));
  return (app, name) => [...imagesIn(name)].every(([container, tag]) => !keys.has(`${app} ${container} ${tag}`));
}

function isBad({ healthy, crash, startMs = 0, log }: Push['program'], app: AppOptions | undefined): boolean {
  if (healthy === false || crash === true) return true;
  return app !== undefined && (startMs > patienceOf(app) || (log === ERRORS && tellingChecks(app).length > 0));
}

/** The last failure of those that condemn comes no earlier than this after the start of a group. */
function patienceOf(app: AppOptions): number {
  const probe = probeOf(app);
  return probe === undefined ? Number.POSITIVE_INFINITY : probe.graceMs + (probe.failures - 1) * probe.intervalMs;
}
