/**
 * Whether an action is among what somebody may do, by the permissions that Azure lists: one entry for each role, whose
 * `notActions` take away from its own `actions` alone. `*` stands for any text; letter case does not count. Pure.
 */

export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

export function isGranted(action: string, permissions: readonly Permission[]): boolean {
  return permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => fits(pattern, action)) && !notActions.some((pattern) => fits(pattern, action)),
  );
}

/** Piece by piece from the left, so that no pattern makes it slow. */
function fits(pattern: string, action: string): boolean {
  const text = action.toLowerCase();
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
