/** Whether a refusal is for want of room, and whether a quota is too small for that group alone: then no waiting helps. */
import type { Refusal } from './effect.ts';

/** Azure's own sentence: `Limit: '4', Usage: '0' Requested: '8'`. Source: the Container Instances quota error, learn.microsoft.com. */
const QUOTA = /Limit: '?(\d+(?:\.\d+)?)'?.{0,200}?Requested: '?(\d+(?:\.\d+)?)/is;

export function neverFits({ code, message }: Pick<Refusal, 'code' | 'message'>): boolean {
  if (code.toLowerCase() !== 'containergroupquotareached') return false;
  const [, limit, requested] = QUOTA.exec(message) ?? [];
  return limit !== undefined && requested !== undefined && Number(requested) > Number(limit);
}

/** Codes of capacity and quota; a 503 of the service itself has another one, or no body. Source: the same page. */
const NO_ROOM = new Set(['serviceunavailable', 'containergroupquotareached']);

export function hasNoRoom({ code }: Pick<Refusal, 'code'>): boolean {
  return NO_ROOM.has(code.toLowerCase());
}
