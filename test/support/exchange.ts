/** One raw HTTPS exchange with a local Azure: for tests that look at the wire itself. */
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LocalAzure } from '../../src/simulator/start.ts';

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function exchange(
  azure: Pick<LocalAzure, 'ca' | 'url'>,
  sent: RawRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    // The path is sent as it is: URL would fold doubled slashes.
    const { hostname, port } = new URL(azure.url);
    const options = { hostname, port, path: sent.url, method: sent.method, ca: azure.ca, headers, agent: false };
    const outgoing = httpsRequest(options, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (body += chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}

/** Signs in as a service principal, at the authority of any tenant. */
export async function signIn(azure: Pick<LocalAzure, 'ca' | 'url'>, secret = 'right'): Promise<string> {
  const scope = encodeURIComponent('https://management.azure.com/.default');
  const body = `grant_type=client_credentials&client_id=tester&client_secret=${secret}&scope=${scope}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await exchange(azure, { method: 'POST', url: '/tenant/oauth2/v2.0/token', body }, headers);
  const parsed: unknown = JSON.parse(answer.body);
  const token = typeof parsed === 'object' && parsed !== null && 'access_token' in parsed ? parsed.access_token : '';
  return typeof token === 'string' ? token : '';
}
