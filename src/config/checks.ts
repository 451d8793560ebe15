/** The checks of a config as the daemon knows them, with the endpoints of the cloud. Pure. */
import type { Check, Checks, CheckSource } from '../model/check.ts';
import { parseCondition } from '../model/condition.ts';
import { InvariantError } from '../model/errors.ts';
import type { CheckConfig, ChecksConfig } from './checks-schema.ts';
import { CLOUDS } from './clouds.ts';
import { toStatuses } from './fields.ts';

type Cloud = keyof typeof CLOUDS;

export function toChecks({ before, after }: ChecksConfig, cloud: Cloud): Checks {
  return { before: before.map((check) => toCheck(check, cloud)), after: after.map((check) => toCheck(check, cloud)) };
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

function toSource({ http, tcp, webhook, prometheus, ...others }: CheckConfig, cloud: Cloud): CheckSource {
  if (http !== undefined) {
    const { url, status, host, bodyIncludes } = http;
    return { kind: 'http', url, statuses: toStatuses(status), host, bodyIncludes };
  }
  if (tcp !== undefined) return { kind: 'tcp', port: tcp.port };
  if (webhook !== undefined) {
    const { url, secret, headers, on4xx, on5xx, later } = webhook;
    return { kind: 'webhook', url, secret, headers, on4xx, on5xx, laterMs: later };
  }
  if (prometheus !== undefined) {
    const { url, query, secret, audience, headers } = prometheus;
    return { kind: 'prometheus', url: trimSlash(url), query, secret, audience, headers };
  }
  return toAzureSource(others, cloud);
}

function toAzureSource(
  { azureMetrics, azureLogs, job }: Pick<CheckConfig, 'azureMetrics' | 'azureLogs' | 'job'>,
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
