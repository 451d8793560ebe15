/** What is known of apps, as text for people. Pure. */
import { betweenText } from '../model/between.ts';
import { NOBODY } from '../controller/operator-state.ts';
import type { AppList, AppStatus, AppSummary } from '../server/api-schema.ts';
import { aligned, moment, relative } from './plain-words.ts';

type Row = readonly [string, string];

export function listText({ apps, at }: AppList): string {
  if (apps.length === 0) return 'no apps';
  const rows = apps.map((app) => [app.app, app.live?.name ?? '-', rolloutCell(app), stateCell(app, at)]);
  return aligned([['APP', 'RUNS', 'ROLLOUT', 'STATE'], ...rows]);
}

function rolloutCell({ rollout, isDriven }: AppSummary): string {
  if (!isDriven) return '?';
  if (rollout === undefined) return '-';
  const { step, direction, reason, to } = rollout;
  const where = step === undefined ? 'ending' : `${step.kind} ${step.number}/${step.of}`;
  return `${to?.name ?? reason}: ${where}${direction === 'back' ? ', going back' : ''}`;
}

function stateCell({ pause, hold, says, isDriven }: AppSummary, now: string): string {
  if (!isDriven) return 'driven by another daemon';
  const held = [
    ...(pause === undefined ? [] : [`paused by ${pause.by} ${relative(pause.at, now)}`]),
    ...(hold === undefined ? [] : [`held by ${hold.by}: ${hold.reason}`]),
  ];
  return held.length > 0 ? held.join('; ') : (says?.text ?? 'starting');
}

export function statusText(status: AppStatus): string {
  const { at, live, desired, groups, images, says, isDriven } = status;
  const rows: Row[] = [
    ['app', status.app],
    ['runs', live === undefined ? 'nothing yet' : `${live.name} (release ${live.id}), ${groups.length} groups`],
    ...images.map(({ image }): Row => ['', image]),
    ['should run', `${desired.release === undefined ? '' : `${desired.release.name}: `}${desired.reason}`],
    ...rolloutRows(status),
    ...(says === undefined ? [] : [['says', says.text] as const]),
    ...(says?.until === undefined ? [] : [['until', moment(says.until, at)] as const]),
    ...(isDriven ? [] : [['', 'driven by another daemon: what it waits for is known there'] as const]),
    ...heldRows(status),
  ];
  return aligned(rows);
}

function rolloutRows({ rollout, pause, at }: AppStatus): Row[] {
  if (rollout === undefined) return [];
  const { id, reason, from, to, step, direction, deadline, stepSince, turnedBack, votes } = rollout;
  const rows: Row[] = [
    [
      'rollout',
      `${id} (${reason}): ${betweenText(reason, { from: from?.name, to: to?.name })}, begun ${relative(rollout.startedAt, at)}`,
    ],
  ];
  if (step !== undefined) {
    const way = direction === 'back' ? ' of the way back' : '';
    const text = `${step.kind} of the ${step.side} stack${partText(step)}, ${step.number} of ${step.of}${way}, since ${relative(stepSince, at)}`;
    rows.push(['step', text.replace(/ ago$/, '')]);
  }
  if (turnedBack !== undefined) rows.push(['going back', turnedBack.reason]);
  if (deadline !== undefined) rows.push(['deadline', moment(deadline, at)]);
  else if (pause !== undefined) rows.push(['deadline', 'stopped by the pause']);
  else if (step !== undefined) rows.push(['deadline', 'stands still while people are waited for']);
  if (votes.length > 0) {
    rows.push(['promoted', votes.map(({ by, full }) => `by ${by}${full ? ' (--full)' : ''}`).join(', ')]);
  }
  return rows;
}

/** Of how many groups the part is. */
function partText({
  part,
  groups,
}: {
  readonly part?: string | undefined;
  readonly groups?: number | undefined;
}): string {
  if (part === undefined) return '';
  return groups === undefined ? ` (${part})` : ` (${part}: ${groups} ${groups === 1 ? 'group' : 'groups'})`;
}

function heldRows({ at, pause, hold, refused, rollback, retry, failed, retained = [] }: AppStatus): Row[] {
  const rows: Row[] = [];
  if (pause !== undefined) {
    rows.push([
      'paused',
      `${pause.reason ?? 'no reason given'} (by ${pause.by}, ${relative(pause.at, at)}); resume ends it`,
    ]);
  }
  if (hold !== undefined)
    rows.push(['held', `${hold.reason} (by ${hold.by}, ${relative(hold.at, at)}); release ends it`]);
  if (rollback !== undefined)
    rows.push(['rollback', `to ${rollback.to.name}, asked for by ${rollback.by} ${relative(rollback.at, at)}`]);
  if (refused !== undefined) {
    const { release, after, by, at: when } = refused;
    const what = by === NOBODY ? 'promoted by' : after === 'abort' ? 'aborted by' : 'rolled back by';
    rows.push(['refused', `${release.name}, ${what} ${by} ${relative(when, at)}; retry ends it`]);
  }
  if (retry !== undefined)
    rows.push(['tried again', `${moment(retry.notBefore, at)}, after attempt ${retry.attempts}`]);
  for (const { release, as, until } of retained) {
    const end = until === undefined ? 'newer ones push it out' : moment(until, at);
    rows.push(['kept', `${release.name}, ${KEPT_AS[as]}, until ${end}`]);
  }
  for (const { release, reason, at: when } of failed.slice(-MOST_FAILED)) {
    rows.push(['failed', `${release.name} ${relative(when, at)}: ${reason}`]);
  }
  return rows;
}

const MOST_FAILED = 5;
const KEPT_AS = { warm: 'running', stopped: 'stopped', failed: 'for somebody to look at' } as const;
