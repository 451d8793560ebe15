/**
 * Looks at all that can be seen of a failed candidate, once, before it goes: its groups, their events, the ends of their
 * logs; with what probes, checks and jobs have shown. It ends in time, with what is known by then, and nothing of it has a
 * secret.
 */
import type { Azure } from '../azure/azure.ts';
import type { Caller } from '../azure/caller.ts';
import { SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { fit } from '../rollout/evidence.ts';
import type { StackGroup } from '../rollout/effect.ts';
import type { Evidence, EvidenceItem } from '../rollout/evidence.ts';
import type { ObservedGroup, Seen } from '../rollout/observation.ts';
import { groupsIn, groupsOf } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';

export interface CaptureGiven {
  readonly azure: Azure;
  readonly clock: Clock;
  readonly caller: Caller;
  readonly mask: (text: string) => Promise<string>;
}

/** Less than the step waits for. */
const LONGEST_MS = 20 * SECOND;
const MOST_GROUPS = 20;
const MOST_CONTAINERS = 10;
const LOG_LINES = 100;

export async function capture(rollout: Rollout, given: CaptureGiven): Promise<Evidence> {
  const { clock, mask } = given;
  const groups = begunGroups(rollout);
  const found: EvidenceItem[] = [];
  const ended = new AbortController();
  const looks = groups.slice(0, MOST_GROUPS).map(({ name }) => lookAt(rollout, name, { ...given, found }));
  const all = Promise.all(looks).then(() => true);
  const late = clock.wait(LONGEST_MS, ended.signal).then(() => false);
  const isWhole = await Promise.race([all, late]);
  ended.abort();
  const items = [...found, ...probesOf(rollout), ...checksOf(rollout)];
  const masked = await Promise.all(items.map(async (item) => ({ ...item, text: await mask(item.text) })));
  const { items: kept, isCut } = fit(masked.filter(({ text }) => text.trim() !== ''));
  return { at: clock.now(), items: kept, isCut: isCut || !isWhole || groups.length > MOST_GROUPS };
}

/** Those of the candidate that were to be there: of a preview, or of the batches so far, not the rest. */
function begunGroups(rollout: Rollout): readonly StackGroup[] {
  const { plan, reached } = rollout;
  if (reached === undefined) return groupsOf(rollout, 'candidate');
  const begun = plan.slice(0, reached + 1).filter(({ kind, side }) => kind === 'provision' && side === 'candidate');
  return begun.flatMap((step) => groupsIn(rollout, step));
}

async function lookAt(
  { resourceGroup }: Rollout,
  name: string,
  { azure, caller, found }: CaptureGiven & { found: EvidenceItem[] },
): Promise<void> {
  const address = { resourceGroup, name };
  const seen = await azure.getGroup(address, caller);
  found.push({ kind: 'state', of: name, text: stateText(seen) });
  if (!seen.known || seen.value === undefined) return;
  const { containers, events = [] } = seen.value;
  found.push({ kind: 'events', of: name, text: events.join('\n') });
  const logs = containers.slice(0, MOST_CONTAINERS).map(async (container) => {
    const log = await azure.logs(address, container.name, { lines: LOG_LINES }, caller);
    const text = log.known ? log.value : `cannot be read: ${log.reason}`;
    found.push({ kind: 'log', of: `${name} ${container.name}`, text });
  });
  await Promise.all(logs);
}

function stateText(seen: Seen<ObservedGroup | undefined>): string {
  if (!seen.known) return `cannot be seen: ${seen.reason}`;
  if (seen.value === undefined) return 'is not there';
  const { provisioningState, state, containers } = seen.value;
  const lines = containers.map(({ name, state: own, detail, exitCode, restarts }) => {
    const more = [detail, exitCode === undefined ? undefined : `exit code ${exitCode}`, `${restarts} restarts`];
    return `container ${name}: ${[own, ...more].filter((part) => part !== undefined && part !== '').join(', ')}`;
  });
  return [`${provisioningState}, ${state ?? 'no state'}`, ...lines].join('\n');
}

function probesOf({ transcripts = {} }: Rollout): readonly EvidenceItem[] {
  return Object.entries(transcripts).map(([of, lines]) => ({
    kind: 'probes',
    of,
    text: lines.map(({ at, ok, detail }) => `${isoOf(at)} ${ok ? 'ok' : 'failed'}: ${detail}`).join('\n'),
  }));
}

/** `tallyKey` begins with the number of its step. */
function checksOf({ tallies, jobLogs = [] }: Rollout): readonly EvidenceItem[] {
  const measured = Object.entries(tallies).map(([key, { recent }]): EvidenceItem => ({
    kind: 'check',
    of: key.replace(/^\d+ /, ''),
    text: recent.map(({ at, kind, detail }) => `${isoOf(at)} ${kind}: ${detail}`).join('\n'),
  }));
  const logs = jobLogs.map(({ check, group, text }): EvidenceItem => ({ kind: 'log', of: `${group} ${check}`, text }));
  return [...measured, ...logs];
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
