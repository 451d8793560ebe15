/** What a check is asked with: of which rollout it is, and the edges that it needs. */
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SecretReference } from '../model/app.ts';
import type { Phase } from '../model/check.ts';
import type { Clock } from '../model/time.ts';
import type { Send } from './ask.ts';

export interface CheckContext {
  readonly app: string;
  readonly rollout: string;
  /** Id of the candidate's release. */
  readonly release: string;
  readonly phase: Phase;
  /** Names or addresses of the candidate's groups, as far as they are known. */
  readonly targets: readonly string[];
  /** Names of those groups; none where absent. */
  readonly groups?: readonly string[];
  /** Where a group is reached; rejects where its name is not known. */
  readonly resolve: (target: string, port: number) => Promise<{ readonly host: string; readonly port: number }>;
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  /** The daemon's own identity. */
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** How requests go out: over the network where absent. */
  readonly send?: Send;
  /** The same of Azure Monitor's clients. */
  readonly httpClient?: HttpClient;
}

/** The context while one measurement is under way. */
export interface Asking extends CheckContext {
  /** Aborts when the time of the measurement is over. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Must not be told to anybody: it is taken out of every detail. */
  readonly conceal: (secret: string) => void;
}

/** `{app}`, `{rollout}`, `{release}` and `{groups}`, as `name|name`, filled in. */
export function fillIn(query: string, { app, rollout, release, groups = [] }: CheckContext): string {
  return query
    .replaceAll('{app}', app)
    .replaceAll('{rollout}', rollout)
    .replaceAll('{release}', release)
    .replaceAll('{groups}', groups.join('|'));
}
