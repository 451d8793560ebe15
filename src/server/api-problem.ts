/** Problem details of RFC 9457: how the API says what went wrong. */
import type { FastifyReply } from 'fastify';
import type { RefusedBecause } from '../model/command.ts';
import { PROBLEM_TYPE } from './api-document.ts';
import type { Problem } from './api-schema.ts';

const TITLES = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
} as const;
export type ProblemStatus = keyof typeof TITLES;

export function problemReply(
  reply: FastifyReply,
  status: ProblemStatus,
  given: Pick<Problem, 'detail' | 'app' | 'because'>,
): FastifyReply {
  const problem: Problem = { type: 'about:blank', title: TITLES[status], status, ...given };
  return reply.code(status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

export function statusOfRefusal(because: RefusedBecause): ProblemStatus {
  switch (because) {
    case 'situation':
      return 409;
    case 'elsewhere':
      return 421;
    case 'busy':
    case 'unclear':
    case 'stopped':
      return 503;
  }
}
