/** The OpenAPI document of the API, made of the schemas that it is checked by. Pure. */
import { z } from 'zod';
import * as schema from './api-schema.ts';

const JSON_TYPE = 'application/json';
export const PROBLEM_TYPE = 'application/problem+json';

type Node = Readonly<Record<string, unknown>>;

export function apiDocument(version: string): Node {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Viridian',
      version,
      description:
        'See and command the apps of a daemon. Each command may be repeated: what is so already is unchanged.',
      license: { name: 'MIT' },
    },
    security: [{ token: [] }],
    paths: {
      '/openapi.json': {
        get: {
          operationId: 'getDocument',
          security: [],
          summary: 'This document.',
          responses: { 200: given('The document.') },
        },
      },
      '/v1/apps': {
        get: {
          operationId: 'listApps',
          summary: 'All apps.',
          responses: { 200: given('Apps by name.', 'AppList'), ...FAILURES },
        },
      },
      '/v1/apps/{app}': ofApp('getApp', 'What runs, what is under way, what it waits for.', 'AppStatus'),
      '/v1/apps/{app}/history': ofApp('getHistory', 'Rollouts and commands of the past.', 'AppHistory'),
      '/v1/apps/{app}/rollouts/{rollout}/evidence': {
        ...ofApp('getEvidence', 'What was seen of a candidate that failed, before it went.', 'RolloutEvidence'),
        parameters: [APP, ROLLOUT],
      },
      '/v1/apps/{app}/explain': ofApp('explainApp', 'Why it does or does not move.', 'AppExplanation'),
      '/v1/apps/{app}/commands': { parameters: [APP], post: COMMAND },
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas: schemas() },
  };
}

const APP = { name: 'app', in: 'path', required: true, schema: { type: 'string' }, description: 'Name in the config.' };

const ROLLOUT = {
  name: 'rollout',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'Its id, as the history gives it.',
};

const refusal = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: ref('Problem') } } });
const FAILURES = {
  401: refusal('No token, or a wrong one.'),
  429: refusal('Too many wrong tokens.'),
  503: refusal('Tokens or the state cannot be read for the moment, or the daemon stops.'),
};
const NO_APP = { 404: refusal('There is no such app, or nothing of that name.') };

const COMMAND = {
  operationId: 'command',
  summary: 'Changes the state of an app. Answered once that is saved.',
  requestBody: { required: true, content: { [JSON_TYPE]: { schema: ref('Command') } } },
  responses: {
    200: given('Saved, or it was so already.', 'CommandAnswer'),
    400: refusal('The body is no command.'),
    ...NO_APP,
    409: refusal('It makes no sense in the present situation.'),
    413: refusal('The body is too large.'),
    415: refusal('The body is no JSON.'),
    421: refusal('Another daemon drives the app.'),
    ...FAILURES,
  },
};

function ofApp(operationId: string, summary: string, schema: string): Node {
  return {
    parameters: [APP],
    get: { operationId, summary, responses: { 200: given(summary, schema), ...NO_APP, ...FAILURES } },
  };
}

function given(description: string, schema?: string): Node {
  return { description, content: { [JSON_TYPE]: { schema: schema === undefined ? { type: 'object' } : ref(schema) } } };
}

function ref(schema: string): Node {
  return { $ref: `#/components/schemas/${schema}` };
}

/** By their names. */
function schemas(): Node {
  const registry = z.registry<{ id: string }>();
  for (const one of Object.values(schema)) registry.add(one, { id: one.meta()?.id ?? '' });
  const made = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}` }).schemas;
  const bare = (one: object) => Object.fromEntries(Object.entries(one).filter(([key]) => !OWN_KEYS.has(key)));
  return Object.fromEntries(Object.entries(made).map(([id, one]) => [id, bare(one)]));
}

/** Of a schema that stands by itself. */
const OWN_KEYS = new Set(['$id', '$schema']);
