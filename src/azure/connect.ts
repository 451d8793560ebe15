/** The controller's Azure over the real SDK clients, pointed where the config says. */
import { ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { TrafficManagerManagementClient } from '@azure/arm-trafficmanager';
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../model/time.ts';
import type { Azure } from './azure.ts';
import { onBehalf } from './caller.ts';
import type { CloudSettings } from './cloud.ts';
import { impatient } from './credential.ts';
import { Diagnosis } from './failure.ts';
import { fencedClient } from './fence.ts';
import { Groups } from './groups.ts';
import { limitRate } from './limit-policy.ts';
import { AuthoritativeDns } from './name-servers.ts';
import { Prober } from './probe.ts';
import type { RequestCounter } from './request-counter.ts';
import { Traffic } from './traffic.ts';
import { UnknownErrors } from './unknown-errors.ts';
import type { UnknownError } from './unknown-errors.ts';

/** None: the controller itself comes back, after looking at what became of the first try, and when Azure said. */
const RETRIES = { maxRetries: 0 };

export interface ConnectGiven {
  readonly cloud: CloudSettings;
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** In place of Node's own HTTPS. */
  readonly httpClient?: HttpClient;
  /** Told of errors that were not foreseen, once of each kind. */
  readonly onUnknownError: (error: UnknownError) => void;
  /** How many daemons draw on the limits of the subscription, this one included; asked at each request. One by default. */
  readonly share?: () => number;
  /** Counts what is sent. */
  readonly counter?: RequestCounter;
}

/** How clients of Azure Resource Manager are made: their sign-in, limits, fence and time. */
export function armClient({ cloud, clock, counter, share = () => 1, ...given }: ConnectGiven) {
  const httpClient = given.httpClient ?? createDefaultHttpClient();
  const options = {
    endpoint: cloud.resourceManager,
    credentialScopes: `${cloud.audience}/.default`,
    retryOptions: RETRIES,
    userAgentOptions: { userAgentPrefix: 'viridian' },
    // One for all clients: the limit is the subscription's.
    additionalPolicies: [{ policy: limitRate(clock, share), position: 'perRetry' as const }],
    httpClient: fencedClient(counter?.count(httpClient) ?? httpClient),
  };
  const diagnosis = new Diagnosis(new UnknownErrors(given.onUnknownError));
  return { credential: impatient(given.credential, clock), options, diagnosis };
}

export function connectAzure(given: ConnectGiven): Azure {
  const { cloud, clock } = given;
  const { credential, options, diagnosis } = armClient(given);
  const containers = new ContainerInstanceManagementClient(credential, cloud.subscriptionId, options);
  const profiles = new TrafficManagerManagementClient(credential, cloud.subscriptionId, options);
  const traffic = new Traffic(profiles, { clock, diagnosis });
  const { resourceManager: base, subscriptionId } = cloud;
  const groups = new Groups(containers, { base, subscriptionId, clock, diagnosis });
  const prober = new Prober(cloud.nameServers, clock);
  const nameServers = new AuthoritativeDns({
    servers: cloud.trafficManagerNameServers ?? [],
    resolvers: cloud.nameServers,
    clock,
  });
  return {
    listGroups: (resourceGroup, caller, asked) => onBehalf(caller, () => groups.list(resourceGroup, asked)),
    getGroup: (address, caller) => onBehalf(caller, () => groups.get(address)),
    logs: (address, container, asked, caller) => onBehalf(caller, () => groups.logs(address, container, asked)),
    getProfile: (resourceGroup, name, caller) => onBehalf(caller, () => traffic.profile(resourceGroup, name)),
    probe: (target, settings) => prober.probe(target, settings),
    nameAnswers: (fqdn, asksEach) => nameServers.answers(fqdn, asksEach),
    createGroup: (address, body, changer) => onBehalf(changer, () => groups.create(address, body)),
    tagGroup: (address, tags, changer) => onBehalf(changer, () => groups.tag(address, tags)),
    deleteGroup: (address, changer) => onBehalf(changer, () => groups.remove(address)),
    stopGroup: (address, changer) => onBehalf(changer, () => groups.act(address, 'stop')),
    startGroup: (address, changer) => onBehalf(changer, () => groups.act(address, 'start')),
    enableEndpoint: (address, endpoint, changer) => onBehalf(changer, () => traffic.enable(address, endpoint)),
    retargetEndpoint: (address, endpoint, changer) => onBehalf(changer, () => traffic.retarget(address, endpoint)),
    disableEndpoint: (address, changer) => onBehalf(changer, () => traffic.disable(address)),
    deleteEndpoint: (address, changer) => onBehalf(changer, () => traffic.remove(address)),
  };
}
