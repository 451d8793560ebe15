/** Metrics of an Azure resource, each as one number over the window. A metric without data is inconclusive. */
import { MetricsClient } from '@azure/monitor-query-metrics';
import type { MetricsQueryResult } from '@azure/monitor-query-metrics';
import type { AzureMetricsSource, Check } from '../model/check.ts';
import { AzureCall } from './azure-call.ts';
import type { Asking } from './context.ts';
import { judgeNumbers } from './judge-numbers.ts';
import { errorReading, worst } from './reading.ts';
import type { Reading } from './reading.ts';

/** One data point for the whole of the time, as the API names it. */
const WHOLE = 'FULL';

const GROUP = '{group}';

/** With `{group}` in the id of the resource each group is asked about. */
export async function checkAzureMetrics(check: Check<AzureMetricsSource>, asking: Asking): Promise<Reading> {
  const { source } = check;
  if (!source.resourceId.includes(GROUP)) return checkOne(check, asking);
  const readings = (asking.groups ?? []).map((group) => {
    const resourceId = source.resourceId.replaceAll(GROUP, group);
    return checkOne({ ...check, source: { ...source, resourceId } }, asking);
  });
  return worst(await Promise.all(readings), 'group');
}

async function checkOne(check: Check<AzureMetricsSource>, asking: Asking): Promise<Reading> {
  const { source } = check;
  const call = new AzureCall({ ...source, role: 'Monitoring Reader on the resource' }, asking);
  const now = asking.clock.now();
  try {
    const client = new MetricsClient(source.endpoint, asking.credential, call.options);
    const results = await client.queryResources([source.resourceId], [...source.metrics], source.namespace, {
      aggregation: source.aggregation,
      interval: WHOLE,
      startTime: new Date(now - source.windowMs),
      endTime: new Date(now),
    });
    return worst(
      source.metrics.map((name) => judgeMetric(check, name, results)),
      'metric',
    );
  } catch (error) {
    return call.failed(error);
  }
}

function judgeMetric(check: Check<AzureMetricsSource>, name: string, results: readonly MetricsQueryResult[]): Reading {
  const { aggregation } = check.source;
  const metrics = results.flatMap((result) => result.metrics).filter((metric) => metric.name === name);
  const refused = metrics.find(({ errorCode = 'Success' }) => errorCode !== 'Success');
  if (refused !== undefined) return errorReading(`${name}: ${refused.errorCode}: ${refused.errorMessage ?? ''}`);
  const points = metrics.flatMap(({ timeseries }) => timeseries.flatMap(({ data }) => data ?? []));
  const values = points.map((point): unknown => point[aggregation]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return errorReading(`${name}: ${aggregation} is no number`);
  if (numbers.length === 0) return { kind: 'inconclusive', detail: `${name}: no ${aggregation} in the window` };
  return judgeNumbers(
    check,
    numbers.map((value) => ({ label: `${name} (${aggregation})`, value })),
  );
}
