/** An HTTP client that reads no more of an answer than a limit: neither of a page of tags nor of an error. */
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';

/** `mostBytes`: of a body, decompressed. A longer one is an error. */
export function boundedClient(client: HttpClient, mostBytes: number): HttpClient {
  return {
    async sendRequest(request) {
      const { streamResponseStatusCodes } = request;
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      try {
        const response = await client.sendRequest(request);
        const { status, headers } = response;
        return { request, status, headers, bodyAsText: await readText(response, mostBytes) };
      } finally {
        if (streamResponseStatusCodes === undefined) delete request.streamResponseStatusCodes;
        else request.streamResponseStatusCodes = streamResponseStatusCodes;
      }
    },
  };
}

async function readText(response: PipelineResponse, mostBytes: number): Promise<string> {
  const { readableStreamBody: stream, bodyAsText: text } = response;
  if (stream === undefined) return checked(text ?? '', Buffer.byteLength(text ?? ''), mostBytes);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let read = '';
  let size = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    // Leaving the loop ends the stream and with it the connection.
    checked('', size, mostBytes);
    read += decoder.decode(bytes, { stream: true });
  }
  return read + decoder.decode();
}

function checked(text: string, size: number, mostBytes: number): string {
  if (size > mostBytes) throw new TypeError(`the answer has more than ${mostBytes} bytes, which is more than is read`);
  return text;
}
