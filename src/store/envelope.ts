/** What a stored state is wrapped in: the version of its schema and a checksum, so that damage is seen before it is believed. */
import { createHash } from 'node:crypto';
import { StalledError } from '../model/errors.ts';

const SCHEMA = 1;

/** `version`: where the place it is stored in has none of its own. */
export function writeEnvelope(state: unknown, version?: number): string {
  const body = JSON.stringify(state);
  const counted = version === undefined ? '' : `"version":${version},`;
  const savedAt = new Date().toISOString();
  return `{"schema":${SCHEMA},${counted}"savedAt":"${savedAt}","sha256":"${hashOf(body)}","state":${body}}\n`;
}

/** Throws StalledError where it is damaged or of another schema; `where` names its place. */
export function readEnvelope(where: string, text: string): { version: number | undefined; state: unknown } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damagedState(where, 'is damaged (not whole JSON)');
  }
  const fields = new Map<string, unknown>(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []);
  const schema = fields.get('schema');
  const version = fields.get('version');
  const state = fields.get('state');
  if (typeof schema !== 'number') throw damagedState(where, 'is damaged (no schema or version)');
  if (schema !== SCHEMA) throw damagedState(where, `has schema ${schema}, this version reads ${SCHEMA}`);
  if (fields.get('sha256') !== hashOf(JSON.stringify(state))) {
    throw damagedState(where, 'is damaged (its checksum differs)');
  }
  return { version: typeof version === 'number' ? version : undefined, state };
}

export function damagedState(where: string, what: string): StalledError {
  return new StalledError(
    `${where} ${what}; restore it, or move it away: the daemon then finds what is its own by the tags of the groups`,
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
