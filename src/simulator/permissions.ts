/**
 * What whoever asks may do: everything, until somebody restricts it on a scope and all below it. It is shown, as the
 * permissions API shows it, and not enforced: a refusal is a fault that is asked for.
 */

export interface Role {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

const OWNER: Role = { actions: ['*'], notActions: [] };

export class Permissions {
  readonly #restricted = new Map<string, readonly Role[]>();

  /** `scope`: the id of a subscription, resource group or resource. */
  restrict(scope: string, roles: readonly Role[]): void {
    this.#restricted.set(scope.toLowerCase(), roles);
  }

  clear(): void {
    this.#restricted.clear();
  }

  /** By the innermost scope that is restricted. */
  on(id: string): readonly Role[] {
    const path = `${id.toLowerCase()}/`;
    const scopes = [...this.#restricted.keys()].filter((scope) => path.startsWith(`${scope}/`));
    const inner = scopes.reduce((a, b) => (b.length > a.length ? b : a), '');
    return this.#restricted.get(inner) ?? [OWNER];
  }
}
