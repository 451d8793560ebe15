/**
 * Where operators ask and command, as the config says, and what in it is wrong. A token that others can read on the way lets
 * them change what serves, so that an address of other machines without TLS is no warning but an error.
 */
import { z } from 'zod';
import type { ConfigProblem } from '../model/errors.ts';
import { isOpenToReading, toListen } from './listen.ts';
import type { Config } from './schema.ts';
import type { ApiSettings } from './settings.ts';
import type { YamlFile } from './yaml-file.ts';

export function toApi(api: NonNullable<Config['api']>, folder: string): ApiSettings {
  return { ...toListen(api, folder), tokens: api.tokens };
}

/** A check that says neither good nor bad waits for a person. */
export function apiWarnings({ api, apps }: Config): readonly string[] {
  if (api !== undefined) return [];
  const checked = apps.filter(
    ({ rollout: { checks } }) => (checks?.before.length ?? 0) + (checks?.after.length ?? 0) > 0,
  );
  if (checked.length === 0) return [];
  const names = checked.map(({ name }) => name).join(', ');
  return [
    `${names}: a check that is inconclusive waits for a person to promote or abort, and without api nobody can: it waits until a newer release comes; add api`,
  ];
}

const written = z.object({
  listen: z.string().default(''),
  tls: z.object({ cert: z.string(), key: z.string() }).optional(),
  tokens: z.array(z.object({ name: z.string() })).default([]),
});

/** Also where other parts of the file are wrong. */
export function checkApi(yaml: YamlFile): ConfigProblem[] {
  const parsed = written.safeParse(yaml.has(['api']) ? yaml.valueAt(['api']) : undefined);
  if (!parsed.success) return [];
  const { listen, tls, tokens } = parsed.data;
  const problems: ConfigProblem[] = [];
  if (/:\d+$/.test(listen) && isOpenToReading({ listen, tls })) {
    const message = `api.listen: ${listen} is reached from other machines, and without api.tls tokens would travel in plain text`;
    const hint = 'listen on 127.0.0.1, where a proxy that speaks TLS may stand in front of it, or set api.tls';
    problems.push(yaml.problem(['api', 'listen'], message, { hint }));
  }
  for (const [index, { name }] of tokens.entries()) {
    if (tokens.findIndex((one) => one.name === name) === index) continue;
    const message = `api.tokens: two tokens are called "${name}", which could not be told apart`;
    problems.push(yaml.problem(['api', 'tokens', index, 'name'], message));
  }
  return problems;
}
