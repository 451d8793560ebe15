/**
 * The init containers of a group: one after the other, each to its end, before its containers start. One that fails is
 * tried again, and keeps the group from running; where nothing is restarted the group has failed.
 */
import { addEvent } from './group-events.ts';
import { exitCodeOf, isJob } from './group.ts';
import type { Group } from './group.ts';

export interface InitLife {
  readonly restartMs: number;
  now(): number;
  /** What happens to the group next, unless something else does. */
  later(ms: number, callback: () => void): void;
  done(): void;
  failed(): void;
}

export function runInitContainers(group: Group, life: InitLife, index = 0): void {
  const init = group.initContainers[index];
  if (init === undefined) return life.done();
  init.startedAt = life.now();
  init.endedAt = undefined;
  addEvent(group, life.now(), { name: 'Started', type: 'Normal', message: `Started container ${init.name}` });
  life.later(init.program.runMs, () => {
    init.endedAt = life.now();
    if (exitCodeOf(init) === 0) return runInitContainers(group, life, index + 1);
    const message = `Back-off restarting failed container ${init.name}`;
    addEvent(group, life.now(), { name: 'BackOff', type: 'Warning', message });
    if (isJob(group)) return life.failed();
    life.later(life.restartMs, () => {
      init.restarts += 1;
      runInitContainers(group, life, index);
    });
  });
}

/** As before the first of them has run. */
export function resetInitContainers({ initContainers }: Group): void {
  for (const init of initContainers) {
    init.startedAt = undefined;
    init.endedAt = undefined;
    init.restarts = 0;
  }
}
