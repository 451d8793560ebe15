/** What ARM says in the body of a refusal: wrapped in `error` or, from Traffic Manager, bare. */

/** Undefined where the body is none of ARM's, e.g. the page of a proxy. */
export function readErrorBody(text: string | null | undefined): { code: string; message: string } | undefined {
  const body = parse(text ?? '');
  const { code, message } = record(body['error']) ?? body;
  return typeof code === 'string' && typeof message === 'string' ? { code, message } : undefined;
}

function parse(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}
