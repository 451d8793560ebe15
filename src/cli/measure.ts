/** Joins the checks of a rollout to the edges that they ask: name servers, secrets, the daemon's identity. */
import type { TokenCredential } from '@azure/core-auth';
import { TargetResolver } from '../azure/target-resolver.ts';
import { runCheck } from '../checks/run-check.ts';
import type { Measure } from '../controller/ports.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';

export function makeMeasure(given: {
  readonly nameServers: readonly string[];
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  readonly credential: TokenCredential;
  readonly clock: Clock;
}): Measure {
  const resolver = new TargetResolver(given.nameServers);
  const resolve = (target: string, port: number) => resolver.resolve(target, port);
  return (check, asked) => runCheck(check, { ...given, ...asked, resolve });
}
