/** The controller's Azure over the real SDK clients, in virtual time, on a wire that answers as it is told. */
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { Azure } from '../../src/azure/azure.ts';
import type { Changer } from '../../src/azure/caller.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import type { RequestCounter } from '../../src/azure/request-counter.ts';
import type { UnknownError } from '../../src/azure/unknown-errors.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Of an app that goes on as ever. */
export const changer: Changer = { app: 'web', priority: 'ordinary', fence: () => true };

export const address = { resourceGroup: 'test', name: 'web-11111111-westeurope-1' };

export const endpoint = { resourceGroup: 'test', profile: 'web', name: 'viridian.web-11111111-westeurope-1' };

export class Wire {
  readonly time = new VirtualTime(0);
  readonly azure: Azure;
  /** `METHOD kind at second`, as they were sent. */
  readonly sent: string[] = [];
  readonly unknown: UnknownError[] = [];
  readonly requests: PipelineRequest[] = [];

  constructor(
    answer: (request: PipelineRequest) => WireAnswer,
    options: { share?: () => number; credential?: TokenCredential; counter?: RequestCounter } = {},
  ) {
    this.azure = connectAzure({
      cloud: {
        subscriptionId: 's',
        resourceManager: 'https://arm.example',
        audience: 'https://arm.example',
        authority: 'https://login.example',
        managedIdentityEndpoint: undefined,
        credential: { kind: 'environment' },
        caFile: undefined,
        nameServers: [],
      },
      credential: { getToken: async () => ({ token: 'token', expiresOnTimestamp: 8e15 }) },
      clock: this.time.clock(),
      httpClient: {
        sendRequest: async (request) => {
          this.requests.push(request);
          this.sent.push(`${request.method} ${kindOf(request.url)} ${this.time.now() / 1000}`);
          const { status, headers, body } = answer(request);
          return { request, status, headers: createHttpHeaders(headers ?? {}), bodyAsText: body ?? '' };
        },
      },
      onUnknownError: (error) => this.unknown.push(error),
      ...options,
    });
  }

  /** What was sent from now on until then. */
  async sentUntil(second: number): Promise<readonly string[]> {
    const before = this.sent.length;
    await this.time.runUntil(second * 1000);
    return this.sent.slice(before);
  }
}

function kindOf(url: string): string {
  if (/\/containergroups/i.test(url)) return 'group';
  return /endpoints\//i.test(url) ? 'endpoint' : 'profile';
}
