/**
 * The container in Azure Blob Storage that daemons share: one client, no retries of its own (who asks again has to look
 * first at what became of the first try), and errors told apart by who can do something about them.
 */
import type { TokenCredential } from '@azure/core-auth';
import { isRestError } from '@azure/core-rest-pipeline';
import { ContainerClient } from '@azure/storage-blob';
import { readRetryAfter } from '../azure/retry-after.ts';
import { StalledError, TransientError } from '../model/errors.ts';

const CALL_TIMEOUT_MS = 10_000;
const ROLE = 'Storage Blob Data Contributor';

/** For who only looks: the container is not made where it is missing. */
export function viewContainer(url: string, credential: TokenCredential): ContainerClient {
  return new ContainerClient(url, credential, {
    retryOptions: { maxTries: 1 },
    userAgentOptions: { userAgentPrefix: 'viridian' },
  });
}

/** `url`: https://ACCOUNT.blob.core.windows.net/CONTAINER. The container is made where it is missing. */
export async function openContainer(url: string, credential: TokenCredential): Promise<ContainerClient> {
  const container = viewContainer(url, credential);
  try {
    await container.createIfNotExists(callOptions());
  } catch (error) {
    // Who may use the container need not have the right to make one.
    const isThere = isForbidden(error) && (await container.exists(callOptions()).catch(() => false));
    if (!isThere) throw storageError(`container ${url}`, 'opened', error);
  }
  return container;
}

function isForbidden(error: unknown): boolean {
  return isRestError(error) && error.statusCode === 403;
}

export function callOptions(timeoutMs = CALL_TIMEOUT_MS) {
  return { abortSignal: AbortSignal.timeout(timeoutMs) };
}

/** The service's own code, such as `ConditionNotMet`; undefined where there was no answer. */
export function storageCode(error: unknown): string | undefined {
  if (!isRestError(error) || error.statusCode === undefined) return undefined;
  return error.response?.headers.get('x-ms-error-code') ?? error.code ?? String(error.statusCode);
}

/** What a person must mend, or what will pass. */
export function storageError(where: string, attempted: string, error: unknown): StalledError | TransientError {
  const code = storageCode(error);
  const response = isRestError(error) ? error.response : undefined;
  const status = isRestError(error) ? error.statusCode : undefined;
  const detail = code ?? (error instanceof Error ? error.message : String(error));
  const id = response?.headers.get('x-ms-request-id');
  const what = `${where} cannot be ${attempted}: ${detail}${id === undefined ? '' : ` (request ${id})`}`;
  if (status === 401 || status === 403) {
    return new StalledError(`${what}; give the daemon's identity the role ${ROLE} on it`, { cause: error });
  }
  if (code === 'ContainerNotFound' || code === 'InvalidResourceName') {
    return new StalledError(`${what}; create it, or correct state.blob.url`, { cause: error });
  }
  const retryAfterMs = response === undefined ? undefined : readRetryAfter(response.headers);
  return new TransientError(what, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}
