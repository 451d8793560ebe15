/**
 * What a finished rollout took and cost: its time with and without people, its requests, and the overlap of both stacks,
 * in container-seconds and, by the prices of the config, in money. Pure.
 */
import { z } from 'zod';
import type { App, JsonObject } from '../model/app.ts';
import { overlapSeconds } from '../rollout/spans.ts';
import type { Rollout } from '../rollout/state.ts';

export interface Figures {
  /** From start to end. */
  readonly totalMs: number;
  /** In gates and pauses. */
  readonly heldMs: number;
  /** The rest. */
  readonly progressionMs: number;
  readonly armReads: number;
  readonly armWrites: number;
  readonly overlapContainerSeconds: number;
  /** Where the config has prices. */
  readonly overlapCost: number | undefined;
  readonly currency: string | undefined;
}

const amount = z.coerce.number().min(0).catch(0);
const requests = z.object({ cpu: amount, memoryInGB: amount }).catch({ cpu: 0, memoryInGB: 0 });
const resources = z.object({ requests }).catch({ requests: { cpu: 0, memoryInGB: 0 } });
const container = z.object({ properties: z.object({ resources }) });
const group = z.object({ properties: z.object({ containers: z.array(container).max(1000) }) });

/** `template`: that of the candidate; undefined where it is not known any more, or there is none. */
export function figuresOf(
  rollout: Rollout,
  { template, prices }: { template: JsonObject | undefined; prices: App['prices'] },
): Figures {
  const endedAt = rollout.finished?.at ?? rollout.startedAt;
  const totalMs = Math.max(0, endedAt - rollout.startedAt);
  const heldMs = Math.min(totalMs, rollout.heldMs);
  const size = sizeOf(template);
  const groupSeconds = overlapSeconds(rollout, endedAt);
  const perSecond =
    prices === undefined
      ? undefined
      : size.cpu * (prices.cpuPerSecond ?? 0) +
        size.memoryGb * (prices.memoryGbPerSecond ?? 0) +
        (prices.groupPerSecond ?? 0);
  return {
    totalMs,
    heldMs,
    progressionMs: totalMs - heldMs,
    armReads: rollout.requests.reads,
    armWrites: rollout.requests.writes,
    overlapContainerSeconds: Math.round(groupSeconds * size.containers),
    overlapCost: perSecond === undefined ? undefined : Math.round(groupSeconds * perSecond * 1e6) / 1e6,
    currency: prices?.currency,
  };
}

/** Of one group. What a template leaves open counts as nothing; without a template, a group is one container. */
function sizeOf(template: JsonObject | undefined): { containers: number; cpu: number; memoryGb: number } {
  const parsed = group.safeParse(template);
  if (!parsed.success) return { containers: 1, cpu: 0, memoryGb: 0 };
  const { containers } = parsed.data.properties;
  const asked = containers.map(({ properties }) => properties.resources.requests);
  return {
    containers: containers.length,
    cpu: asked.reduce((sum, { cpu }) => sum + cpu, 0),
    memoryGb: asked.reduce((sum, { memoryInGB }) => sum + memoryInGB, 0),
  };
}
