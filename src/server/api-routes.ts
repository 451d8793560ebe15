/** The paths of the API below /v1: what is asked of the apps, and what is commanded. */
import { nearMatch } from '../config/near-match.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AppReading, Control } from '../controller/control.ts';
import type { Caller, Command } from '../model/command.ts';
import { MINUTE } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { problemReply, statusOfRefusal } from './api-problem.ts';
import { commandBody } from './api-schema.ts';
import type { AppList, CommandAnswer } from './api-schema.ts';
import type { ApiServerGiven } from './api-server.ts';
import { evidenceOf, explanationOf, historyOf, statusOf, summaryOf } from './api-views.ts';
import { Folding } from './folding.ts';
import { Pace } from './pace.ts';

/** Answers may need to go through long lists of tags. */
const PACE = { perSecond: 50, burst: 100 };

/** The same path, asked for by the same person from the same address. */
const READS = { eachMs: 10 * MINUTE, mostKeys: 1000 };

export interface ApiRoutesGiven extends Pick<ApiServerGiven, 'control' | 'events'> {
  readonly clock: Clock;
  readonly whose: (request: FastifyRequest) => string;
  readonly closing: AbortSignal;
}

type OfApp = FastifyRequest<{ Params: { app: string } }>;
type OfRollout = FastifyRequest<{ Params: { app: string; rollout: string } }>;

export function apiRoutes(app: FastifyInstance, given: ApiRoutesGiven): void {
  const { control, events, whose, closing } = given;
  const pace = new Pace(given.clock, PACE);
  const callerOf = (request: FastifyRequest): Caller => ({ by: whose(request), from: request.ip });
  app.addHook('preHandler', async () => pace.turn(closing));
  const reads = new Folding(given.clock, READS);
  const noteRead = (request: FastifyRequest): void => {
    const caller = callerOf(request);
    const [path = ''] = request.url.split('?');
    events.apiRead(path, caller, reads.add(`${caller.by} ${caller.from} ${path}`)?.more);
  };
  app.get('/v1/apps', (request): AppList => {
    noteRead(request);
    return { at: new Date(control.now()).toISOString(), apps: control.looks().map((look) => summaryOf(look)) };
  });
  const views: Record<string, (reading: AppReading) => object> = {
    '': (reading) => statusOf(reading, control.desired(reading)),
    '/history': historyOf,
    '/explain': (reading) => explanationOf(reading, control.choices(reading)),
  };
  for (const [path, view] of Object.entries(views)) {
    app.get(`/v1/apps/:app${path}`, async (request: OfApp, reply) => {
      noteRead(request);
      const reading = await control.read(request.params.app);
      return reading === undefined ? noSuchApp(reply, request.params.app, control) : view(reading);
    });
  }
  app.get('/v1/apps/:app/rollouts/:rollout/evidence', async (request: OfRollout, reply) => {
    noteRead(request);
    const { app: name, rollout } = request.params;
    const reading = await control.read(name);
    if (reading === undefined) return noSuchApp(reply, name, control);
    return evidenceOf(reading, rollout) ?? noEvidence(reply, reading, rollout);
  });
  app.post('/v1/apps/:app/commands', async (request: OfApp, reply) => {
    const parsed = commandBody.safeParse(request.body);
    if (!parsed.success) return problemReply(reply, 400, { detail: whatIsWrong(parsed.error) });
    const { app: name } = request.params;
    const result = await control.command(name, toCommand(parsed.data), callerOf(request));
    if (result === undefined) return noSuchApp(reply, name, control);
    const { kind, message } = result;
    if (kind === 'refused') {
      const { because } = result;
      return problemReply(reply, statusOfRefusal(because), { detail: message, app: name, because });
    }
    return { app: name, result: kind, message } satisfies CommandAnswer;
  });
}

function toCommand(body: z.output<typeof commandBody>): Command {
  switch (body.command) {
    case 'promote':
      return { kind: 'promote', full: body.full, rollout: body.rollout };
    case 'pause':
      return { kind: 'pause', reason: body.reason };
    case 'abort':
      return { kind: 'abort', reason: body.reason, rollout: body.rollout };
    case 'retry':
      return { kind: 'retry', release: body.release };
    case 'rollback':
      return { kind: 'rollback', release: body.release, rollout: body.rollout };
    case 'bypass':
      return { kind: 'bypass', forMs: body.forSeconds * 1000 };
    case 'hold':
      return { kind: 'hold', reason: body.reason };
    case 'resume':
    case 'release':
      return { kind: body.command };
  }
}

const MOST_NAMED = 20;

function noSuchApp(reply: FastifyReply, app: string, control: Control): FastifyReply {
  const names = control.looks().map((look) => look.app.name);
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  const near = nearMatch(app, names);
  const known =
    near === undefined ? `there are ${names.slice(0, MOST_NAMED).join(', ')}${more}` : `did you mean ${near}?`;
  return problemReply(reply, 404, { detail: `there is no app ${app}; ${known}` });
}

function noEvidence(reply: FastifyReply, { app, state }: AppReading, rollout: string): FastifyReply {
  const kept = state.history.filter(({ evidence }) => evidence !== undefined).map((one) => one.rollout);
  const others = kept.length === 0 ? 'of no rollout' : `of ${kept.slice(-MOST_NAMED).join(', ')}`;
  return problemReply(reply, 404, {
    detail: `nothing was kept of rollout ${rollout} of ${app.name}, or it never was; there is evidence ${others}`,
    app: app.name,
  });
}

function whatIsWrong({ issues: [issue] }: z.ZodError): string {
  const at = issue?.path.join('.') ?? '';
  const what = issue?.message ?? 'malformed';
  return `expected a command such as {"command": "pause"}${at === '' ? '' : `; ${at}`}: ${what}`;
}
