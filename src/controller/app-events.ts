/** Events of one app while no rollout of it is under way, and what operators say to it. */
import type { App } from '../model/app.ts';
import type { Caller, Command, RefusedBecause } from '../model/command.ts';
import { releaseName } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Stack } from '../rollout/effect.ts';
import type { EventLog } from './event-log.ts';
import { isoOf, messageOf } from './event-words.ts';
import type { ToldChoice } from './explain.ts';

export function appEvents(log: EventLog) {
  return {
    appAdopted(app: App, live: Stack) {
      const release = releaseName(live.release);
      const fields = { event: 'app.adopted', app: app.name, release, stack: live.id, groups: live.groups.length };
      log.info(fields, `${app.name}: found its own ${live.groups.length} groups in place, running ${release}`);
    },
    foreignFound(app: App, groups: readonly string[], endpoints: readonly string[]) {
      const fields = { event: 'app.foreign', app: app.name, groups, endpoints };
      const what = [...groups.map((name) => `group ${name}`), ...endpoints.map((name) => `endpoint ${name}`)].join(
        ', ',
      );
      log.info(fields, `${app.name}: not made by this daemon, so left alone: ${what}`);
    },
    /** Why an app does not move; logged when it changes. */
    appHeld(app: App, hold: string, reason: string) {
      log.warn({ event: 'app.held', app: app.name, hold, reason }, `${app.name}: held: ${reason}`);
    },
    /** Why each tag was or was not chosen, in short. */
    releaseExplained(app: App, { source, ...told }: ToldChoice) {
      const repository = `${source.registry}/${source.repository}`;
      const fields = { event: 'release.explained', app: app.name, container: source.container, repository, ...told };
      const counts = told.counts.map(({ reason, tags }) => `${tags} × ${reason}`);
      const others = told.others === 0 ? [] : [`${told.others} for other reasons`];
      const rest = [...counts, ...others].join('; ');
      const answer = told.chosen === undefined ? 'nothing should run' : `${told.chosen} should run`;
      log.info(fields, `${app.name}: ${repository}: ${answer}: ${told.reason}${rest === '' ? '' : ` (${rest})`}`);
    },
    /** An image has changed; others of the set may follow. Logged at each change. */
    appSettling(app: App, set: { release: Release; changed: readonly ReleaseImage[]; until: Instant }) {
      const changed = set.changed.map(({ container, tag }) => `${container} ${tag}`);
      const until = isoOf(set.until);
      const fields = { event: 'app.settling', app: app.name, release: releaseName(set.release), changed, until };
      const text = `${changed.join(', ')} to be rolled out; waiting until ${until} for other images to change as well`;
      log.info(fields, `${app.name}: ${text}`);
    },
    appIdle(app: App, release: string | undefined, reason: string) {
      log.info({ event: 'app.idle', app: app.name, release, reason }, `${app.name}: ${reason}`);
    },
    /** An app that only reports; `running`: what runs, undefined: nothing. */
    releaseAvailable(
      app: App,
      given: { running: string | undefined; available: string; release: string; reasons: readonly string[] },
    ) {
      const fields = { event: 'release.available', app: app.name, ...given };
      log.info(
        fields,
        `${app.name}: ${given.available} is available, ${given.running ?? 'nothing'} runs (mode: notify)`,
      );
    },
    appKept(app: App, live: Stack | undefined) {
      const groups = (live?.groups ?? []).map(({ name }) => name);
      const fields = { event: 'app.kept', app: app.name, groups };
      const text = `has left the config; its ${groups.length} groups are kept and left alone (onRemoval: keep)`;
      log.warn(fields, `${app.name}: ${text}`);
    },
    appRetired(app: App) {
      const text = 'has left the config; nothing of it is left (onRemoval: retire)';
      log.info({ event: 'app.retired', app: app.name }, `${app.name}: ${text}`);
    },
    removedFailed(name: string, error: unknown) {
      log.error({ event: 'app.removed_failed', app: name, err: error }, messageOf(error));
    },
    appFailed(app: App, error: unknown, retryInMs: number) {
      const fields = { event: 'app.failed', app: app.name, err: error, retryInMs };
      log.error(fields, `${app.name}: ${messageOf(error)}; trying again in ${retryInMs / 1000} s`);
    },
    appStopped(app: App, error: unknown) {
      const fields = { event: 'app.stopped', app: app.name, err: error };
      log.error(fields, `${app.name} is stopped by a fault in Viridian, the other apps go on: ${messageOf(error)}`);
    },
  };
}

/** `outcome`: a sentence for people. */
type Answered = Caller & { readonly outcome: string };

export function commandEvents(log: EventLog) {
  const fieldsOfCommand = (app: string, { kind, ...given }: Command, { by, from, outcome }: Answered) => ({
    app,
    command: kind,
    given,
    by,
    from,
    outcome,
  });
  return {
    commandApplied(app: string, command: Command, answered: Answered) {
      const fields = { event: 'command.applied', ...fieldsOfCommand(app, command, answered) };
      log.info(fields, `${app}: ${command.kind} by ${answered.by}: ${answered.outcome}`);
    },
    commandUnchanged(app: string, command: Command, answered: Answered) {
      const fields = { event: 'command.unchanged', ...fieldsOfCommand(app, command, answered) };
      log.info(fields, `${app}: ${command.kind} by ${answered.by} changes nothing: ${answered.outcome}`);
    },
    commandRefused(app: string, command: Command, answered: Answered & { because: RefusedBecause }) {
      const { because } = answered;
      const fields = { event: 'command.refused', ...fieldsOfCommand(app, command, answered), because };
      log.warn(fields, `${app}: ${command.kind} by ${answered.by} was refused: ${answered.outcome}`);
    },
  };
}
