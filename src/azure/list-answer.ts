/** Whether an answer is a list at all: the SDK takes any JSON, even `{}` of a proxy, for an empty one, which would be believed. */

/** Options of a call that lists; the call throws where an answer with status 200 is none. `what`: for people. */
export function listOptions(what: string) {
  return {
    onResponse: ({ status, parsedBody }: { status: number; parsedBody?: unknown }) => {
      if (status === 200) refuseOtherThanList(parsedBody, what);
    },
  };
}

function refuseOtherThanList(body: unknown, what: string): void {
  if (typeof body === 'object' && body !== null && 'value' in body && Array.isArray(body.value)) return;
  throw new TypeError(`the answer is no list of ${what}: expected {value: […]}`);
}
