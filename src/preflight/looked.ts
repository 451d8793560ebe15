/** What one look gave. Unknown is not empty: nothing is concluded from a look that failed. */
export type Looked<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };
