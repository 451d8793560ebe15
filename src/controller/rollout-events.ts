/** Events of rollouts, and what is kept of those that failed. */
import { betweenText } from '../model/between.ts';
import type { Instant } from '../model/time.ts';
import type { Change } from '../rollout/decide.ts';
import { sizeOf } from '../rollout/evidence.ts';
import type { Evidence } from '../rollout/evidence.ts';
import { currentStep, stepName, stepsInForce } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import type { EventLog } from './event-log.ts';
import { fieldsOf, isoOf, namesOf } from './event-words.ts';
import type { Figures } from './figures.ts';

export function rolloutEvents(log: EventLog) {
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
          log.info(replanned, `${rollout.app}: planned anew: ${reason}`);
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

export function evidenceEvents(log: EventLog) {
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

function aimOf({ reason }: Rollout, from: string | undefined, to: string | undefined): string {
  if (reason === 'takeOut') return `taking the endpoints of ${from ?? 'a stack'} out`;
  if (reason === 'drift') return `putting ${from ?? 'the live stack'} as it should be`;
  if (reason === 'removal') return `taking away ${from ?? 'a stack'}, whose app has left the config`;
  if (reason === 'rollback') return `back from ${from ?? 'nothing'} to ${to ?? 'nothing'}`;
  if (reason === 'repair') return `replacing broken groups of ${to ?? 'the live stack'}`;
  return to === undefined ? `taking away ${from ?? 'a stray stack'}` : `${from ?? 'nothing'} → ${to}`;
}
