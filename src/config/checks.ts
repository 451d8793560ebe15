/** The checks of a config as the daemon knows them, with the endpoints of the cloud. Pure. */
import type { AskedCheck, Check, Checks, CheckSource } from '../model/check.ts';
import { parseCondition } from '../model/condition.ts';
import { InvariantError } from '../model/errors.ts';
import type { CheckConfig, ChecksConfig } from './checks-schema.ts';
import { CLOUDS } from './clouds.ts';
import type { DrainUntilConfig } from './drain-until-schema.ts';
import { toStatuses } from './fields.ts';

type Cloud = keyof typeof CLOUDS;
type Sources = Partial<
  Pick<CheckConfig, 'http' | 'tcp' | 'webhook' | 'prometheus' | 'azureMetrics' | 'azureLogs' | 'job'>
>;

export function toChecks({ before, after }: ChecksConfig, cloud: Cloud): Checks {
  return { before: before.map((check) => toCheck(check, cloud)), after: after.map((check) => toCheck(check, cloud)) };
}

/** The check of `drainUntil`; without a condition a number has to be 0. */
export function toDrainCheck(given: DrainUntilConfig, cloud: Cloud): AskedCheck {
  const { http, prometheus, azureMetrics, interval, times, timeout } = given;
  const isNumber = http === undefined || http.json !== undefined;
  const source = toSource({ http, prometheus, azureMetrics }, cloud);
  if (source.kind === 'job') throw new InvariantError('drainUntil of a job has passed the schema');
  return {
    name: 'drained',
    source,
    successWhen: isNumber ? parseCondition(given.successWhen ?? '== 0') : undefined,
    failureWhen: undefined,
    intervalMs: interval,
    count: times,
    timeoutMs: timeout,
    failureLimit: 0,
    errorLimit: 0,
    inconclusiveLimit: 0,
    isDryRun: false,
  };
}

function toCheck(check: CheckConfig, cloud: Cloud): Check {
  return {
    name: check.name,
    source: toSource(check, cloud),
    successWhen: check.successWhen === undefined ? undefined : parseCondition(check.successWhen),
    failureWhen: check.failureWhen === undefined ? undefined : parseCondition(check.failureWhen),
    intervalMs: check.interval,
    count: check.count,
    timeoutMs: check.timeout,
    failureLimit: check.failureLimit,
    errorLimit: check.errorLimit,
    inconclusiveLimit: check.inconclusiveLimit,
    isDryRun: check.dryRun,
    ...(check.on === undefined ? {} : { on: check.on }),
  };
}

function toSource({ http, tcp, webhook, prometheus, ...others }: Sources, cloud: Cloud): CheckSource {
  if (http !== undefined) {
    const { url, status, host, bodyIncludes, json } = http;
    const statuses = toStatuses(status);
    return { kind: 'http', url, statuses, host, bodyIncludes, ...(json === undefined ? {} : { json }) };
  }
  if (tcp !== undefined) return { kind: 'tcp', port: tcp.port };
  if (webhook !== undefined) {
    const { url, secret, headers, on4xx, on5xx, later, waitFor } = webhook;
    const confirms = waitFor === undefined ? {} : { waitMs: waitFor };
    return { kind: 'webhook', url, secret, headers, on4xx, on5xx, laterMs: later, ...confirms };
  }
  if (prometheus !== undefined) {
    const { url, query, secret, audience, headers } = prometheus;
    return { kind: 'prometheus', url: trimSlash(url), query, secret, audience, headers };
  }
  return toAzureSource(others, cloud);
}

function toAzureSource(
  { azureMetrics, azureLogs, job }: Pick<Sources, 'azureMetrics' | 'azureLogs' | 'job'>,
  cloud: Cloud,
): CheckSource {
  const { metrics: domain, logs } = CLOUDS[cloud];
  if (azureMetrics !== undefined) {
    const { resource, namespace, metrics, aggregation, window, region, endpoint, audience } = azureMetrics;
    return {
      kind: 'azureMetrics',
      resourceId: resource,
      namespace: namespace ?? typeOf(resource),
      metrics,
      aggregation,
      windowMs: window,
      endpoint: trimSlash(endpoint ?? `https://${region}.${domain}`),
      audience: trimSlash(audience ?? `https://${domain}`),
    };
  }
  if (azureLogs !== undefined) {
    const { workspace, query, window, endpoint, audience } = azureLogs;
    return {
      kind: 'azureLogs',
      workspaceId: workspace,
      query,
      windowMs: window,
      endpoint: trimSlash(endpoint ?? `${logs}/v1`),
      audience: trimSlash(audience ?? logs),
    };
  }
  if (job === undefined) throw new InvariantError('a check of no kind has passed the schema');
  const { image, container, command, cpu, memory, deadline } = job;
  return { kind: 'job', image, container, command, cpu, memoryGb: memory, deadlineMs: deadline };
}

/** `Microsoft.Web/sites/slots` of `…/providers/Microsoft.Web/sites/NAME/slots/NAME`. */
function typeOf(resource: string): string {
  const [provider = '', ...rest] = resource.slice(resource.toLowerCase().lastIndexOf('/providers/') + 11).split('/');
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
