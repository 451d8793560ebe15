/**
 * Every event of the log, one function each, with a stable `event` name and fixed fields: docs/events.md lists them.
 * Changes are logged, polls are not; a person who only reads the log knows what runs, what is waited for and why not.
 */
import { betweenText } from '../model/between.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { ConfigChange } from '../config/changes.ts';
import type { Disagreement } from './attendance.ts';
import type { ToldChoice } from './explain.ts';
import type { Figures } from './figures.ts';
import type { App } from '../model/app.ts';
import type { Caller, Command, RefusedBecause } from '../model/command.ts';
import { releaseName } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Change } from '../rollout/decide.ts';
import type { Effect, EffectOutcome, Stack } from '../rollout/effect.ts';
import { sizeOf } from '../rollout/evidence.ts';
import type { Evidence } from '../rollout/evidence.ts';
import { currentStep, stepName, stepsInForce } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';

/** In one line of the log. */
const MOST_PROBLEMS = 50;

type Fields = Readonly<Record<string, unknown>>;

/** The part of pino that is used. */
export interface EventLog {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

export type Events = ReturnType<typeof makeEvents>;

export function makeEvents(log: EventLog) {
  return {
    ...daemonEvents(log),
    ...appEvents(log),
    ...rolloutEvents(log),
    ...effectEvents(log),
    ...commandEvents(log),
    ...evidenceEvents(log),
    ...effectEvents(log),
  };
}

function daemonEvents(log: EventLog) {
  return {
    daemonStarted(fields: { version: string; node: string; config: string; apps: readonly string[] }) {
      log.info({ event: 'daemon.started', ...fields }, `viridian ${fields.version} runs ${fields.apps.join(', ')}`);
    },
    daemonStopping(signal: string) {
      log.info({ event: 'daemon.stopping', signal }, `${signal}: finishing the write in flight, then stopping`);
    },
    /** `unfinished`: what it did not wait for. */
    daemonStopped(unfinished?: string) {
      const left = unfinished === undefined ? '' : ` (${unfinished})`;
      const fields = { event: 'daemon.stopped', unfinished };
      log.info(fields, `stopped${left}; rollouts go on where they are at the next start`);
    },
    daemonFailed(message: string) {
      log.error({ event: 'daemon.failed' }, message);
    },
    partitionTaken(partition: number, apps: readonly string[]) {
      log.info({ event: 'partition.taken', partition, apps }, `drives ${apps.join(', ')} from now on`);
    },
    partitionLost(partition: number, apps: readonly string[]) {
      log.info({ event: 'partition.lost', partition, apps }, `leaves ${apps.join(', ')} to another daemon`);
    },
    leasesFailed(reason: string) {
      log.warn({ event: 'leases.failed', reason }, `leases cannot be kept for the moment: ${reason}`);
    },
    configsDiffer(config: string, { configs, daemons }: Disagreement) {
      const fields = { event: 'configs.differ', config, others: configs, daemons };
      const text = `this daemon runs config ${config}, ${daemons.join(', ')} ran another one (${configs.join(', ')})`;
      log.warn(fields, `${text}; apps that have left the config are left alone until all run the same`);
    },
    configsAgree(config: string) {
      log.info({ event: 'configs.agree', config }, `all daemons run config ${config}`);
    },
    unknownError({ message, ...fields }: UnknownError) {
      const text = `an answer that was not foreseen, shown whole once: ${fields.code}: ${message}`;
      log.error({ event: 'azure.unknown_error', ...fields }, text);
    },
    configWarning(message: string) {
      log.warn({ event: 'config.warning' }, message);
    },
    configApplied(change: ConfigChange) {
      const { added, removed, changed, settings } = change;
      const parts = [told('added', added), told('removed', removed), told('changed', changed), told('other', settings)];
      const text = parts.filter((part) => part !== undefined).join('; ');
      log.info({ event: 'config.applied', ...change }, `the changed config counts from now on: ${text}`);
    },
    /** `problems`: each with its place. */
    configRefused(problems: readonly string[]) {
      const shown = problems.slice(0, MOST_PROBLEMS);
      const more = problems.length - shown.length;
      const rest = more === 0 ? '' : `; and ${more} more`;
      const fields = { event: 'config.refused', problems: shown, more };
      log.error(fields, `the changed config is refused, the one before goes on: ${shown.join('; ')}${rest}`);
    },
    configUnchanged() {
      log.info({ event: 'config.unchanged' }, 'the config in its files is the one that counts already');
    },
    /** `dropped`: events that this webhook will never be told of, since the last such line. */
    notifyFailed(webhook: string, reason: string, dropped: number) {
      const fields = { event: 'notify.failed', webhook, reason, dropped };
      log.warn(fields, `webhook ${webhook} was not told of ${dropped} events: ${reason}`);
    },
    pollFailed(repository: string, reason: string, stalled: boolean) {
      const fields = { event: 'poll.failed', repository, reason, stalled };
      if (stalled) log.error(fields, `${repository} cannot be polled until somebody acts: ${reason}`);
      else log.warn(fields, `${repository} cannot be polled for the moment: ${reason}`);
    },
    /** `repository`: as the config names it, undefined where no app follows what was pushed. */
    pushReceived(format: string, repository: string | undefined) {
      const fields = { event: 'push.received', format, repository };
      log.debug(fields, repository === undefined ? `a push that no app follows` : `${repository}: a push, so it says`);
    },
    /** `more`: such refusals in the minute before, which were not logged. */
    pushRefused(reason: string, more: number) {
      const text = `a request that tells of a push was refused: ${reason}${moreText(more)}`;
      log.warn({ event: 'push.refused', reason, more }, text);
    },
    apiStarted(address: string) {
      log.info({ event: 'api.started', address }, `operators are answered at ${address}`);
    },
    /** `more`: the same since the last line at info; undefined where this is not worth one. */
    apiRead(path: string, { by, from }: Caller, more: number | undefined) {
      const text = `${by} reads ${path}`;
      if (more === undefined) log.debug({ event: 'api.read', path, by, from }, text);
      else log.info({ event: 'api.read', path, by, from, more }, `${text}${moreText(more)}`);
    },
    /** `more`: such refusals in the minute before, which were not logged. */
    apiRefused(reason: string, { from, more }: { from: string | undefined; more: number }) {
      const whose = from === undefined ? '' : ` from ${from}`;
      const text = `a request of an operator${whose} was refused: ${reason}${moreText(more)}`;
      log.warn({ event: 'api.refused', reason, from, more }, text);
    },
    apiFailed(path: string, error: unknown) {
      log.error({ event: 'api.failed', path, err: error }, `${path} could not be answered: ${messageOf(error)}`);
    },
    pollRecovered(repository: string, tags: number) {
      log.info({ event: 'poll.recovered', repository, tags }, `${repository} can be polled: ${tags} tags`);
    },
  };
}

/** Undefined where there are none. */
function told(what: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `${what}: ${names.join(', ')}`;
}

function appEvents(log: EventLog) {
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

function commandEvents(log: EventLog) {
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

function rolloutEvents(log: EventLog) {
  return {
    rolloutStarted(rollout: Rollout, reasons: readonly string[]) {
      const { from, to } = namesOf(rollout);
      const plan = rollout.plan.map(stepName);
      const text = aimOf(rollout, from, to);
      log.info(
        { event: 'rollout.started', ...fieldsOf(rollout), reason: rollout.reason, reasons, plan },
        `${rollout.app}: rollout ${rollout.id}: ${text}`,
      );
    },
    rolloutResumed(rollout: Rollout) {
      const step = currentStep(rollout)?.kind ?? 'end';
      log.info(
        { event: 'rollout.resumed', ...fieldsOf(rollout) },
        `${rollout.app}: going on with rollout ${rollout.id} at ${step}`,
      );
    },
    rolloutWaiting(rollout: Rollout, waitingOn: string, until: Instant | undefined) {
      const fields = {
        event: 'rollout.waiting',
        ...fieldsOf(rollout),
        waitingOn,
        until: isoOf(until),
        deadline: isoOf(rollout.deadlineAt),
      };
      log.info(fields, `${rollout.app}: ${waitingOn}`);
    },
    /** `figures`: where it has finished. */
    rolloutChanged(rollout: Rollout, change: Change, figures?: Figures) {
      const fields = fieldsOf(rollout);
      switch (change.kind) {
        case 'stepDone': {
          const { kind, side, part } = change.step;
          const done = { event: 'rollout.step_done', ...fields, step: kind, side, part, tookMs: change.tookMs };
          const what = part === undefined ? '' : ` (${part})`;
          log.info(
            done,
            `${rollout.app}: ${kind} of the ${side} stack${what} done in ${(change.tookMs / 1000).toFixed(1)} s`,
          );
          return;
        }
        case 'turnedBack': {
          const { fault, reason } = change;
          const backPlan = stepsInForce(rollout).map(stepName);
          log.warn(
            { event: 'rollout.turned_back', ...fields, failedStep: change.step.kind, fault, reason, backPlan },
            `${rollout.app}: turning back at ${change.step.kind}: ${reason}`,
          );
          return;
        }
        case 'replanned': {
          const { reason } = change;
          const replanned = { event: 'rollout.replanned', ...fields, reason, plan: rollout.plan.map(stepName) };
          log.info(replanned, `${rollout.app}: endpoints are led to the candidate in their place: ${reason}`);
          return;
        }
        case 'turnedForward': {
          const forward = { event: 'rollout.turned_forward', ...fields, waitingOn: change.waitingOn };
          log.warn(forward, `${rollout.app}: going forward after all: only the candidate serves (${change.waitingOn})`);
          return;
        }
        case 'leftOut': {
          const { step, reason } = change;
          const left = { event: 'rollout.step_left_out', ...fields, leftOut: step.kind, part: step.part, reason };
          log.warn(
            left,
            `${rollout.app}: ${step.kind} of the ${step.side} stack is left out, and the rollout goes on: ${reason}`,
          );
          return;
        }
        case 'degraded': {
          const { reason } = change;
          const text = `${rollout.app}: rollout ${rollout.id} is late, and goes on (onDeadline: wait): ${reason}`;
          log.warn({ event: 'rollout.degraded', ...fields, reason }, text);
          return;
        }
        case 'overdue': {
          const byHand = change.left.map(
            (name) => `az container delete --yes --resource-group ${rollout.resourceGroup} --name ${name}`,
          );
          const overdue = { event: 'rollout.overdue', ...fields, waitingOn: change.waitingOn, byHand };
          const or = byHand[0] === undefined ? '' : ` (by hand: ${byHand.join('; ')})`;
          log.error(
            overdue,
            `${rollout.app}: ${change.step.kind} is overdue and has no way back, so the rollout ends here; what is left is cleaned up later${or}: ${change.waitingOn}`,
          );
          return;
        }
        case 'finished': {
          const seconds = ((rollout.finished?.at ?? rollout.startedAt) - rollout.startedAt) / 1000;
          const { from, to } = namesOf(rollout);
          const between = betweenText(rollout.reason, { from, to });
          const finished = {
            event: 'rollout.finished',
            ...fields,
            outcome: change.outcome,
            seconds,
            reason: rollout.turnedBack?.reason,
            ...figures,
          };
          const text = `${rollout.app}: rollout ${rollout.id} ${change.outcome} in ${seconds.toFixed(1)} s (${between})`;
          if (change.outcome === 'Succeeded') log.info(finished, text);
          else log.warn(finished, text);
        }
      }
    },
  };
}

/** Lines of each log that are told. */
const MOST_TOLD_LINES = 5;

function evidenceEvents(log: EventLog) {
  return {
    /** What was kept of a candidate before it went; whole in the stored history. */
    rolloutEvidence(rollout: Rollout, evidence: Evidence) {
      const items = evidence.items.map((item) => {
        const tail = item.text.split('\n').slice(-MOST_TOLD_LINES);
        return { kind: item.kind, of: item.of, bytes: item.text.length, tail };
      });
      const { isCut } = evidence;
      const fields = { event: 'rollout.evidence', ...fieldsOf(rollout), bytes: sizeOf(evidence), isCut, items };
      const last = items.findLast(({ kind }) => kind === 'log')?.tail.at(-1);
      const told = last === undefined ? '' : `; the last line of a log: ${last.slice(0, 300)}`;
      log.warn(fields, `${rollout.app}: kept ${items.length} pieces of evidence of the failed candidate${told}`);
    },
  };
}

function effectEvents(log: EventLog) {
  return {
    effectIssued(rollout: Rollout, effect: Effect) {
      log.info({ event: 'effect.issued', ...effectFields(rollout, effect) }, `${rollout.app}: ${describe(effect)}`);
    },
    effectRefused(rollout: Rollout, effect: Effect, outcome: Extract<EffectOutcome, { kind: 'refused' }>) {
      const { fault, code, message, retryAfterMs } = outcome;
      const fields = {
        event: 'effect.refused',
        ...effectFields(rollout, effect),
        fault,
        code,
        reason: message,
        retryAfterMs,
      };
      log.warn(fields, `${rollout.app}: ${describe(effect)} was refused: ${code}: ${message}`);
    },
    effectAmbiguous(rollout: Rollout, effect: Effect, message: string) {
      const fields = { event: 'effect.ambiguous', ...effectFields(rollout, effect), reason: message };
      log.warn(fields, `${rollout.app}: ${describe(effect)}: no clear answer, looking before trying again: ${message}`);
    },
  };
}

function aimOf({ reason, plan }: Rollout, from: string | undefined, to: string | undefined): string {
  if (reason === 'drift' && plan[0]?.kind === 'deregister') return `taking the endpoints of ${from ?? 'a stack'} out`;
  if (reason === 'drift') return `putting ${from ?? 'the live stack'} as it should be`;
  if (reason === 'removal') return `taking away ${from ?? 'a stack'}, whose app has left the config`;
  if (reason === 'rollback') return `back from ${from ?? 'nothing'} to ${to ?? 'nothing'}`;
  if (reason === 'repair') return `replacing broken groups of ${to ?? 'the live stack'}`;
  return to === undefined ? `taking away ${from ?? 'a stray stack'}` : `${from ?? 'nothing'} → ${to}`;
}

function fieldsOf(rollout: Rollout) {
  const step = currentStep(rollout);
  return {
    app: rollout.app,
    rollout: rollout.id,
    ...namesOf(rollout),
    release: rollout.candidate?.release.id,
    step: step?.kind,
    side: step?.side,
    part: step?.part,
    direction: rollout.backPlan === undefined ? 'forward' : 'back',
  };
}

function effectFields(rollout: Rollout, effect: Effect) {
  const { name, endpoint, location } = effect.group;
  return { ...fieldsOf(rollout), effect: effect.kind, group: name, endpoint, location };
}

/** Names of the releases that a rollout leads from and to. */
export function namesOf(rollout: Rollout): { from?: string; to?: string } {
  return {
    ...(rollout.live === undefined ? {} : { from: releaseName(rollout.live.release) }),
    ...(rollout.candidate === undefined ? {} : { to: releaseName(rollout.candidate.release) }),
  };
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case 'createGroup':
      return `creating group ${effect.group.name} in ${effect.group.location}`;
    case 'createJob':
      return `creating job ${effect.group.name} of check ${effect.check} in ${effect.group.location}`;
    case 'tagGroup':
      return `tagging group ${effect.group.name}`;
    case 'deleteJob':
      return `deleting job ${effect.group.name}`;
    case 'deleteGroup':
      return `deleting group ${effect.group.name}`;
    case 'stopGroup':
      return `stopping group ${effect.group.name}`;
    case 'startGroup':
      return `starting group ${effect.group.name}`;
    case 'enableEndpoint':
      return `adding endpoint ${effect.group.endpoint} → ${effect.target}`;
    case 'retargetEndpoint':
      return `leading endpoint ${effect.group.endpoint} to ${effect.target}`;
    case 'disableEndpoint':
      return `disabling endpoint ${effect.group.endpoint}`;
    case 'deleteEndpoint':
      return `deleting endpoint ${effect.group.endpoint}`;
  }
}

function moreText(more: number): string {
  return more === 0 ? '' : ` (${more} more since the last such line)`;
}

function isoOf(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
