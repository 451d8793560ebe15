/** Events of the daemon as a whole: its life, its config, registries, other daemons, pushes and the API. */
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { ConfigChange } from '../config/changes.ts';
import type { Caller } from '../model/command.ts';
import type { Disagreement } from './attendance.ts';
import type { EventLog } from './event-log.ts';
import { messageOf, moreText } from './event-words.ts';

/** In one line of the log. */
const MOST_PROBLEMS = 50;

export function daemonEvents(log: EventLog) {
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
