/**
 * Who waits, and whose turn is next: by priority, and within one by turns between apps, so that an app with many groups
 * does not keep the others waiting. One in ten goes to who is passed over, so that nobody waits for ever.
 */
import type { Instant } from '../model/time.ts';
import { PRIORITIES } from './caller.ts';
import type { Priority } from './caller.ts';

export interface Waiter {
  readonly priority: Priority;
  readonly app: string;
  /** What may be paused by itself. */
  readonly scope: string;
  /** When it waits no longer. */
  readonly until: Instant;
  readonly go: () => void;
  readonly giveUp: () => void;
}

const MOST_PASSED_OVER = 9;

export class Turns {
  /** In the order in which they came. */
  readonly #all = new Set<Waiter>();
  /** By app, the one whose turn is next first. */
  readonly #rows: Readonly<Record<Priority, Map<string, Waiter[]>>> = {
    rollback: new Map(),
    high: new Map(),
    ordinary: new Map(),
  };
  readonly #passedOver: Record<Priority, number> = { rollback: 0, high: 0, ordinary: 0 };
  /** How many wait for each scope: hundreds may, and who is next is asked again and again. */
  readonly #scopes = new Map<string, number>();

  get size(): number {
    return this.#all.size;
  }

  add(waiter: Waiter): void {
    this.#all.add(waiter);
    this.#scopes.set(waiter.scope, (this.#scopes.get(waiter.scope) ?? 0) + 1);
    const row = this.#rows[waiter.priority];
    row.set(waiter.app, [...(row.get(waiter.app) ?? []), waiter]);
  }

  /** Takes out whose turn it is, among those whose scope is open. */
  next(isOpen: (scope: string) => boolean): Waiter | undefined {
    const open = new Set([...this.#scopes.keys()].filter((scope) => isOpen(scope)));
    if (open.size === 0) return undefined;
    const firsts = PRIORITIES.flatMap((priority) => this.#first(priority, open) ?? []);
    const next = firsts.find(({ priority }) => this.#passedOver[priority] >= MOST_PASSED_OVER) ?? firsts[0];
    if (next === undefined) return undefined;
    for (const { priority } of firsts) this.#passedOver[priority] += 1;
    this.#passedOver[next.priority] = 0;
    this.#remove(next);
    const row = this.#rows[next.priority];
    const others = row.get(next.app);
    if (others !== undefined) {
      row.delete(next.app);
      row.set(next.app, others);
    }
    return next;
  }

  /** Takes out who came first, where it has waited until now. */
  overdue(now: Instant): Waiter | undefined {
    const [oldest] = this.#all;
    if (oldest === undefined || oldest.until > now) return undefined;
    this.#remove(oldest);
    return oldest;
  }

  /** When the first gives up: all wait for the same time. */
  firstUntil(): Instant {
    const [oldest] = this.#all;
    return oldest?.until ?? Number.POSITIVE_INFINITY;
  }

  scopes(): readonly string[] {
    return [...this.#scopes.keys()];
  }

  #first(priority: Priority, open: ReadonlySet<string>): Waiter | undefined {
    for (const waiters of this.#rows[priority].values()) {
      const first = waiters.find(({ scope }) => open.has(scope));
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #remove(waiter: Waiter): void {
    this.#all.delete(waiter);
    const left = (this.#scopes.get(waiter.scope) ?? 0) - 1;
    if (left > 0) this.#scopes.set(waiter.scope, left);
    else this.#scopes.delete(waiter.scope);
    const row = this.#rows[waiter.priority];
    const rest = (row.get(waiter.app) ?? []).filter((other) => other !== waiter);
    if (rest.length > 0) row.set(waiter.app, rest);
    else row.delete(waiter.app);
  }
}
