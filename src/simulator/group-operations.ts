/** What became of the requests to make a group, by the id that was given for it: for an hour, as nobody asks later. */
import { HOUR } from '../model/time.ts';
import type { Group } from './group.ts';

export interface Operation {
  readonly group: Group;
  status: string;
  readonly startTime: string;
}

const KEPT_MS = HOUR;

export class Operations {
  /** Oldest first. */
  readonly #operations = new Map<string, Operation>();

  begin(group: Group, now: number): void {
    this.#forget(now - KEPT_MS);
    this.#operations.set(group.operation, { group, status: 'Pending', startTime: new Date(now).toISOString() });
  }

  set({ operation }: Group, status: string): void {
    const found = this.#operations.get(operation);
    if (found !== undefined) found.status = status;
  }

  get(id: string): Readonly<Operation> | undefined {
    return this.#operations.get(id);
  }

  #forget(before: number): void {
    for (const [id, { startTime }] of this.#operations) {
      if (Date.parse(startTime) >= before) return;
      this.#operations.delete(id);
    }
  }
}
