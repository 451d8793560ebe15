import { describe, expect, test } from 'vitest';
import { readPushBody } from '../../src/server/push-body.ts';
import type { PushFormat } from '../../src/server/push-body.ts';
import { acrBody, cloudEventBody, distributionBody, eventGridBody, validationBody } from './bodies.ts';

const read = (format: PushFormat, body: unknown) => readPushBody(format, JSON.stringify(body));
const web = expect.objectContaining({ host: 'shop.azurecr.io', repository: 'web' });

describe('the body of a push', () => {
  test.each([
    ['acr', acrBody()],
    ['eventGrid', eventGridBody()],
    ['eventGrid', cloudEventBody()],
    ['eventGrid', [cloudEventBody()]],
    ['distribution', distributionBody({ tag: '1.1.0' })],
  ] as const)('of %s names registry and repository', (format, body) => {
    expect(read(format, body)).toEqual({ kind: 'pushed', images: [web] });
  });

  test('of Event Grid may ask whether its events are wanted', () => {
    expect(read('eventGrid', validationBody)).toEqual({
      kind: 'validation',
      code: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
    });
  });

  test.each([
    ['acr', acrBody({ action: 'delete' })],
    ['acr', { id: '1', timestamp: '2024-01-01T00:00:00Z', action: 'ping' }],
    ['eventGrid', eventGridBody({ action: 'delete' }, 'Microsoft.ContainerRegistry.ImageDeleted')],
    ['eventGrid', eventGridBody({ action: 'chart_push' }, 'Microsoft.ContainerRegistry.ChartPushed')],
    ['eventGrid', cloudEventBody({ action: 'delete' }, 'Microsoft.ContainerRegistry.ImageDeleted')],
    ['eventGrid', [cloudEventBody({ action: 'chart_push' }, 'Microsoft.ContainerRegistry.ChartPushed')]],
    ['distribution', distributionBody({ action: 'pull', tag: '1.1.0' }, { action: 'mount' }, { tag: undefined })],
  ] as const)('of %s asks for nothing where it tells of something else than a push of a tag', (format, body) => {
    expect(read(format, body)).toEqual({ kind: 'pushed', images: [] });
  });

  test('of Distribution may hold many events', () => {
    const body = distributionBody({ tag: '1' }, { repository: 'api', tag: '2' }, { action: 'pull', repository: 'db' });
    const read = readPushBody('distribution', JSON.stringify(body));
    expect(read).toMatchObject({ kind: 'pushed', images: [{ repository: 'web' }, { repository: 'api' }] });
  });

  test('of Event Grid may hold CloudEvents in a batch', () => {
    const body = [
      cloudEventBody(),
      cloudEventBody({ action: 'delete' }, 'Other.Type'),
      cloudEventBody({ repository: 'api' }),
    ];
    expect(read('eventGrid', body)).toMatchObject({ images: [{ repository: 'web' }, { repository: 'api' }] });
  });

  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const { target: _, ...noTarget } = acrBody();
  const { request: __, ...noRequest } = acrBody();
  test.each([
    '',
    'null',
    '0',
    '"push"',
    '{}',
    '[]',
    '{"action":"push"',
    '[{}]',
    '{"events":{}}',
    '{"events":[{"action":"push"}]}',
    '\u0000\u0001',
    deep,
    JSON.stringify(noTarget),
    JSON.stringify(noRequest),
    JSON.stringify(acrBody({ repository: 'web\n{"level":"error"}' })),
    JSON.stringify(acrBody({ host: 'h'.repeat(301) })),
    JSON.stringify({ ...acrBody(), action: 7 }),
    '[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{}}]',
    '[{"eventType":"Microsoft.ContainerRegistry.ImagePushed","data":{"action":"delete"}}]',
    JSON.stringify({ ...cloudEventBody(), specversion: '0.3' }),
    JSON.stringify({ ...cloudEventBody(), data: undefined }),
    JSON.stringify([cloudEventBody(), {}]),
  ])('that is %j says what was expected, in every format', (text) => {
    for (const format of ['acr', 'eventGrid', 'distribution'] as const) {
      const read = readPushBody(format, text);
      expect(read.kind).toBe('malformed');
      expect(read).toHaveProperty('expected', expect.stringMatching(/^expected .*"repository"/));
    }
  });
});
