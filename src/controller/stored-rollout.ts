/** A rollout as it is stored: parsed when it is read, since a file may have been written by another version or by hand. */
import { z } from 'zod';
import type { Strategy } from '../model/app.ts';
import { PHASES } from '../model/check.ts';
import { ROUTING_METHODS } from '../model/routing.ts';
import type { Fault } from '../rollout/effect.ts';
import { EVIDENCE_KINDS } from '../rollout/evidence.ts';
import { OUTCOMES, REASONS, ROLES, STEP_KINDS } from '../rollout/state.ts';
import { storedAskedCheck, storedChecks, storedTally } from './stored-checks.ts';

export const instant = z.number();
export const absent = <T extends z.ZodType>(type: T) =>
  type.optional().transform((value): z.output<T> | undefined => value);

const image = z.object({
  container: z.string(),
  registry: z.string(),
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
});
export const storedRelease = z.object({ id: z.string(), images: z.array(image), templateHash: z.string() });
export const storedStack = z.object({
  id: z.string(),
  release: storedRelease,
  groups: z.array(
    z.object({
      name: z.string(),
      location: z.string(),
      replica: z.number(),
      endpoint: z.string(),
      byTarget: absent(z.boolean()),
      adopted: absent(z.object({ target: absent(z.string()), weight: absent(z.number()) })),
    }),
  ),
});

const gate = z.object({
  approvals: z.number(),
  autoAfterMs: absent(z.number()),
  timeoutMs: z.number(),
  onTimeout: z.enum(['rollBack', 'promote']),
});
const bakeMs = z.number();
const strategy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('blueGreen') }),
  z.object({ kind: z.literal('rolling'), maxSurge: z.number(), maxUnavailable: z.number() }),
  z.object({
    kind: z.literal('canary'),
    steps: z.array(z.object({ share: z.number(), bakeMs, gate: absent(gate) })),
  }),
  z.object({
    kind: z.literal('waves'),
    waves: z.array(z.object({ locations: z.array(z.string()), bakeMs, gate: absent(gate) })),
  }),
  z.object({ kind: z.literal('recreate'), order: z.enum(['newFirst', 'oldFirst']) }),
]);
/** Versions that knew of one strategy only wrote its name. */
const anyStrategy = z.union([strategy, z.literal('blueGreen').transform((kind): Strategy => ({ kind }))]);

const storedTags = z.record(z.string(), z.string());

export const storedSettings = z.object({
  strategy: anyStrategy,
  bakeMs: absent(z.number()),
  promotion: absent(gate),
  tags: absent(z.object({ candidate: storedTags, live: storedTags })),
  preview: absent(z.object({ replicas: z.number() })),
  checks: absent(storedChecks),
  retain: absent(z.object({ forMs: absent(z.number()), count: z.number(), as: absent(z.enum(['stopped', 'gone'])) })),
  keepFailedMs: absent(z.number()),
  propagationMarginMs: z.number(),
  drainMs: z.number(),
  drainUntil: absent(z.object({ check: storedAskedCheck, maxMs: z.number() })),
  observeIntervalMs: z.number(),
  onlineLooks: absent(z.number()),
  deadlines: z.object({
    provisionMs: z.number(),
    verifyMs: z.number(),
    registerMs: z.number(),
    onlineMs: z.number(),
    deregisterMs: z.number(),
    retireMs: z.number(),
    totalMs: absent(z.number()),
  }),
  onDeadline: absent(z.enum(['rollBack', 'wait'])),
});
const probePace = {
  port: z.number(),
  intervalMs: z.number(),
  timeoutMs: z.number(),
  successes: z.number(),
  failures: z.number(),
  graceMs: z.number(),
};
export const storedProbe = z.discriminatedUnion('scheme', [
  z.object({
    ...probePace,
    scheme: z.enum(['http', 'https']),
    path: z.string(),
    host: absent(z.string()),
    statuses: z.array(z.object({ from: z.number(), to: z.number() })),
  }),
  z.object({ ...probePace, scheme: z.literal('tcp') }),
]);
const subnet = z.object({ first: z.string(), last: z.string().optional(), scope: z.number().optional() });
const mapping = z.object({
  geoMapping: z.array(z.string()).optional(),
  subnets: z.array(subnet).optional(),
  priority: z.number().optional(),
});
export const storedTraffic = z.object({
  resourceGroup: z.string(),
  profile: z.string(),
  weight: z.number(),
  confirmRemoval: z.boolean().optional(),
  parents: z.array(z.object({ resourceGroup: z.string(), profile: z.string() })).optional(),
  switch: z.enum(['beside', 'inPlace']).optional(),
  mappings: z.record(z.string(), mapping).optional(),
});
export const storedProof = z.object({
  runningSince: absent(instant),
  restarts: z.number(),
  probedAt: absent(instant),
  successes: z.number(),
  failures: z.number(),
  lastDetail: z.string(),
  verifiedAt: absent(instant),
});
const step = z.object({
  kind: z.enum(STEP_KINDS),
  side: z.enum(['live', 'candidate']),
  part: absent(z.string()),
  only: absent(z.array(z.string())),
  keeps: absent(z.number()),
  needs: absent(z.array(z.string())),
  from: absent(z.array(z.string())),
  mayReturn: absent(z.boolean()),
  share: absent(z.number()),
  forMs: absent(z.number()),
  phase: absent(z.enum(PHASES)),
  gate: absent(gate),
  as: absent(z.enum(ROLES)),
});
const storedJob = z.object({
  check: z.string(),
  container: z.string(),
  location: z.string(),
  createdAt: absent(instant),
  isSeen: z.boolean(),
  runningAt: absent(instant),
  end: absent(
    z.object({ at: instant, kind: z.enum(['success', 'failure', 'error']), detail: z.string(), hasLog: z.boolean() }),
  ),
  isOver: z.boolean(),
});
export const storedEvidence = z.object({
  at: instant,
  items: z.array(z.object({ kind: z.enum(EVIDENCE_KINDS), of: z.string(), text: z.string() })),
  isCut: z.boolean(),
});
const storedConfirmation = z.object({
  answers: z.number(),
  servers: z.number(),
  at: instant,
  shownAt: absent(instant),
  goneAt: absent(instant),
});
const fault = z.enum(['release', 'world', 'operator'] satisfies Fault[]);

export const storedRollout = z.object({
  id: z.string(),
  app: z.string(),
  reason: z.enum(REASONS),
  live: absent(storedStack),
  candidate: absent(storedStack),
  settings: storedSettings,
  probe: absent(storedProbe),
  resourceGroup: z.string(),
  traffic: absent(storedTraffic),
  routing: absent(z.enum(ROUTING_METHODS)),
  plan: z.array(step),
  backPlan: absent(z.array(step)),
  cursor: z.number().int().min(0),
  turnedBack: absent(
    z.object({
      outcome: z.enum(OUTCOMES).exclude(['Succeeded']),
      reason: z.string(),
      fault,
      needsPerson: absent(z.boolean()),
      at: instant,
    }),
  ),
  reached: absent(z.number().int().min(0)),
  hasTurnedForward: absent(z.boolean()),
  startedAt: instant,
  enteredAt: instant,
  deadlineAt: absent(instant),
  progress: absent(z.object({ best: z.number(), at: instant })),
  heldMs: z.number().default(0),
  heldSince: absent(instant),
  pausedMs: absent(z.number()),
  told: absent(z.object({ step: absent(z.boolean()), rollout: absent(z.boolean()) })),
  spans: z.record(z.string(), z.object({ from: instant, until: absent(instant) })).default({}),
  unsettled: absent(
    z.record(z.string(), z.object({ askedAt: absent(instant), goneAt: absent(instant), isMade: absent(z.boolean()) })),
  ),
  requests: z.object({ reads: z.number(), writes: z.number() }).default({ reads: 0, writes: 0 }),
  attempts: z.record(z.string(), z.object({ count: z.number(), lastAt: instant })),
  targets: z.record(z.string(), z.string()),
  proofs: z.record(z.string(), storedProof),
  onlineStreak: absent(z.object({ looks: z.number(), at: instant })),
  tallies: z.record(z.string(), storedTally).default({}),
  exposed: z.array(z.string()),
  removedAt: z.record(z.string(), instant),
  seenOutAt: z.record(z.string(), instant).default({}),
  handedOut: absent(z.record(z.string(), z.object({ share: z.number(), since: instant, seenAt: instant }))),
  confirmations: absent(z.record(z.string(), storedConfirmation)),
  maxTtlSeconds: z.number(),
  jobs: absent(z.record(z.string(), storedJob)),
  jobLogs: absent(z.array(z.object({ check: z.string(), group: z.string(), text: z.string() }))),
  transcripts: absent(z.record(z.string(), z.array(z.object({ at: instant, ok: z.boolean(), detail: z.string() })))),
  evidence: absent(storedEvidence),
  kept: absent(z.object({ until: absent(instant), by: z.string(), name: z.string(), at: instant })),
  finished: absent(z.object({ outcome: z.enum(OUTCOMES), at: instant })),
});
