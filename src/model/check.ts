/**
 * A check of a release, before or after the switch, and one measurement of it. Failed, error and inconclusive differ:
 * the release was seen to be bad; nothing could be measured; what was measured says neither good nor bad.
 */
import type { SecretReference } from './app.ts';
import type { Condition } from './condition.ts';
import type { Instant } from './time.ts';

export const PHASES = ['before', 'after'] as const;
/** Before any traffic is sent to the candidate, or after the switch, with the live stack still there to go back to. */
export type Phase = (typeof PHASES)[number];

/** What a rollout may be for, so that checks are asked: what serves is put right without them. */
export const CHECKED_REASONS = ['firstDeployment', 'newRelease', 'rollback'] as const;
export type CheckedReason = (typeof CHECKED_REASONS)[number];

export const MEASUREMENT_KINDS = ['success', 'failure', 'error', 'inconclusive'] as const;
export type MeasurementKind = (typeof MEASUREMENT_KINDS)[number];

/** Characters of a measurement's detail, at most. */
export const LONGEST_DETAIL = 300;

export interface Measurement {
  /** When it was taken; two measurements of a check never share it. */
  readonly at: Instant;
  readonly kind: MeasurementKind;
  /** For people, one line of at most LONGEST_DETAIL characters, without secrets. */
  readonly detail: string;
  /** The number that was judged: finite, of the series that decided. */
  readonly value?: number | undefined;
  /** Who was asked wants to be asked again after that: it counts for nothing. */
  readonly retryAfterMs?: number | undefined;
}

/** What is made of an HTTP answer that refuses: 4xx speaks of the request and what it is about, 5xx of the service asked. */
export type RefusalKind = Exclude<MeasurementKind, 'success'>;

export const AGGREGATIONS = ['average', 'minimum', 'maximum', 'total', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** A GET straight to each group where the URL has `{target}`; else once to the URL. Redirects are not followed. */
export interface HttpSource {
  readonly kind: 'http';
  readonly url: string;
  /** Accepted status codes, both ends included. */
  readonly statuses: readonly { readonly from: number; readonly to: number }[];
  /** Host header; the URL's own where undefined. */
  readonly host: string | undefined;
  readonly bodyIncludes: string | undefined;
  /** Where in an answer of JSON a number is (`connections.active`), which the conditions are for. */
  readonly json?: string | undefined;
}

/** A connection to each group. */
export interface TcpSource {
  readonly kind: 'tcp';
  readonly port: number;
}

/** A POST of what is under way; 2xx is a success. */
export interface WebhookSource {
  readonly kind: 'webhook';
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly secret: SecretReference | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly on4xx: RefusalKind;
  readonly on5xx: RefusalKind;
  /** For how long it may put its answer off; not at all where absent. */
  readonly laterMs?: number | undefined;
  /** A confirmation: whatever is not 2xx is waited out for so long, with the rollout held. Absent: answers are judged. */
  readonly waitMs?: number | undefined;
}

export interface PrometheusSource {
  readonly kind: 'prometheus';
  /** Base URL, without `/api/v1/query`. */
  readonly url: string;
  readonly query: string;
  /** Sent as `Authorization: Bearer`. */
  readonly secret: SecretReference | undefined;
  /** A token of the daemon's own identity for this audience is sent, as an Azure Monitor workspace wants it. */
  readonly audience: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Metrics of one Azure resource, each as one number over the window. */
export interface AzureMetricsSource {
  readonly kind: 'azureMetrics';
  readonly resourceId: string;
  readonly namespace: string;
  readonly metrics: readonly string[];
  readonly aggregation: Aggregation;
  readonly windowMs: number;
  /** Regional endpoint, e.g. `https://westeurope.metrics.monitor.azure.com`. */
  readonly endpoint: string;
  /** Token audience, without `/.default`. */
  readonly audience: string;
}

/** A query in KQL; each row gives one number. */
export interface AzureLogsSource {
  readonly kind: 'azureLogs';
  readonly workspaceId: string;
  readonly query: string;
  readonly windowMs: number;
  /** With its version, e.g. `https://api.loganalytics.io/v1`. */
  readonly endpoint: string;
  /** Token audience, without `/.default`. */
  readonly audience: string;
}

/** A container group that is run to completion: exit code 0 is a success. */
export interface JobSource {
  readonly kind: 'job';
  /** With its tag or digest; or the name of a container of the release, whose image it then is; `candidate`: of its first. */
  readonly image: string;
  readonly container: string;
  /** The image's own where undefined. */
  readonly command: readonly string[] | undefined;
  readonly cpu: number;
  readonly memoryGb: number;
  /** From when it was seen running to its end; then it is deleted, which is a failure. */
  readonly deadlineMs: number;
}

export type MetricSource = PrometheusSource | AzureMetricsSource | AzureLogsSource;
/** What is measured by asking, in one go. */
export type AskedSource = HttpSource | TcpSource | WebhookSource | MetricSource;
export type CheckSource = AskedSource | JobSource;

export interface Check<Source extends CheckSource = CheckSource> {
  /** Unique among the checks of an app. */
  readonly name: string;
  readonly source: Source;
  /** Of a metric: one of the two at least. With both, a number that fulfils neither is inconclusive. */
  readonly successWhen: Condition | undefined;
  readonly failureWhen: Condition | undefined;
  /** Pause between two measurements. */
  readonly intervalMs: number;
  /** Measurements wanted, errors not counted. */
  readonly count: number;
  /** How long one measurement may take. */
  readonly timeoutMs: number;
  /** More failures than this fail the check. */
  readonly failureLimit: number;
  /** More errors in a row than this end it as an error. */
  readonly errorLimit: number;
  /** More inconclusive measurements than this make it inconclusive. */
  readonly inconclusiveLimit: number;
  /** It is measured and told, and never decides. */
  readonly isDryRun: boolean;
  /** Rollouts that it applies to; those of new releases where absent. */
  readonly on?: readonly CheckedReason[] | undefined;
}

export type AskedCheck = Check<AskedSource>;
export type JobCheck = Check<JobSource>;

export type Checks = Readonly<Record<Phase, readonly Check[]>>;

/** Those that apply to such a rollout. */
export function checksOn(checks: Checks | undefined, reason: string): Checks | undefined {
  const applies = ({ on = ['firstDeployment', 'newRelease'] }: Check) => on.some((one) => one === reason);
  return checks === undefined
    ? undefined
    : { before: checks.before.filter(applies), after: checks.after.filter(applies) };
}

export function isAsked(check: Check): check is AskedCheck {
  return check.source.kind !== 'job';
}

export function isJob(check: Check): check is JobCheck {
  return check.source.kind === 'job';
}
