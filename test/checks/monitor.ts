/** Azure Monitor on loopback, over TLS: checks that ask it, and answers in its shapes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureLogsSource, AzureMetricsSource } from '../../src/model/check.ts';
import { trustFile } from '../../src/runtime/trust.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';
import type { TlsFiles } from '../../src/simulator/tls.ts';
import { checkOf, serve } from './asked.ts';

let tls: TlsFiles;

/** Certificates of a server on loopback that this process trusts; to be awaited before the tests. */
export async function trustLoopback(): Promise<void> {
  tls = await makeCertificates([]);
  const folder = mkdtempSync(join(tmpdir(), 'viridian-monitor-'));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, tls.ca);
  trustFile(file);
  rmSync(folder, { recursive: true });
}

export const serveTls = (listener: RequestListener) => serve(listener, tls);

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
export const RESOURCE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Web/sites/web`;
export const WINDOW_MS = 300_000;

export const metricsOf = (port: number, given: Partial<AzureMetricsSource> = {}) =>
  checkOf<AzureMetricsSource>(
    {
      kind: 'azureMetrics',
      resourceId: RESOURCE,
      namespace: 'Microsoft.Web/sites',
      metrics: ['Http5xx'],
      aggregation: 'total',
      windowMs: WINDOW_MS,
      endpoint: `https://localhost:${port}`,
      audience: 'https://metrics.example',
      ...given,
    },
    { successWhen: '< 5' },
  );

export const logsOf = (port: number) =>
  checkOf<AzureLogsSource>(
    {
      kind: 'azureLogs',
      workspaceId: SUBSCRIPTION,
      query: 'AppExceptions | where AppRoleName == "{app}" | count',
      windowMs: WINDOW_MS,
      endpoint: `https://localhost:${port}/v1`,
      audience: 'https://logs.example',
    },
    { successWhen: '< 5' },
  );

export const metric = (name: string, points: readonly object[], given: object = {}) => ({
  id: `${RESOURCE}/${name}`,
  type: 'Microsoft.Insights/metrics',
  name: { value: name, localizedValue: name },
  unit: 'Count',
  errorCode: 'Success',
  timeseries: [{ metadatavalues: [], data: points.map((point) => ({ timeStamp: '2026-01-01T00:00:00Z', ...point })) }],
  ...given,
});

export const metricsAnswer = (...metrics: readonly object[]) => ({
  values: [
    {
      starttime: '2026-01-01T00:00:00Z',
      endtime: '2026-01-01T00:05:00Z',
      interval: 'FULL',
      namespace: 'Microsoft.Web/sites',
      resourceregion: 'westeurope',
      resourceid: RESOURCE,
      value: metrics,
    },
  ],
});

export const table = (columns: readonly (readonly [string, string])[], rows: readonly (readonly unknown[])[]) => ({
  tables: [{ name: 'PrimaryResult', columns: columns.map(([name, type]) => ({ name, type })), rows }],
});
export const COUNT = [['Count', 'long']] as const;

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export const answering = (body: unknown, status = 200) => serveTls((_, response) => json(response, body, status));
