/** Situations of the world, as changes to a world that has just entered a step: the rows of the transition table. */
import { asItIs } from './table.ts';
import type { Situation } from './table.ts';
import { running, stack } from './world.ts';

export const live = stack('11111111', '1.0.0');
export const candidate = stack('22222222', '1.1.0');
export const stacks = { live, candidate };

export const profileUnreadable: Situation = (world) => void (world.profileKnown = false);
export const profileGone: Situation = (world) => void (world.profileExists = false);
export const evidenceUnknown: Situation = (world) => void (world.evidenceKnown = false);
export const later: Situation = (world) => void (world.now += 3_600_000);
export const soon: Situation = (world) => void (world.now += 20_000);
/** Traffic Manager's own name servers have not learned of a removal. */
export const stillAnswered =
  (side: 'live' | 'candidate'): Situation =>
  (world) =>
    void (world.names = () => stacks[side].groups.map(({ name }) => `${name}.example`));
export const status =
  (side: 'live' | 'candidate', monitorStatus: string): Situation =>
  (world) => {
    const before = world.monitor;
    world.monitor = (name) => (name.includes(stacks[side].id) ? monitorStatus : before(name));
  };
export const groupsAre =
  (side: 'live' | 'candidate', make: typeof running): Situation =>
  (world) => {
    for (const { name } of stacks[side].groups) world.groups.set(name, make(name, stacks[side].id));
  };
export const provisioningFailed = groupsAre('candidate', (name, id) => ({
  ...running(name, id),
  provisioningState: 'Failed',
  warnings: ['no capacity'],
}));
export const restarted = groupsAre('candidate', (name, id) => {
  const group = running(name, id);
  return { ...group, containers: group.containers.map((container) => ({ ...container, restarts: 1 })) };
});
export const endpointsAre =
  (side: 'live' | 'candidate', enabled: boolean): Situation =>
  (world) => {
    for (const { name, endpoint } of stacks[side].groups) world.setEndpoint(endpoint, `${name}.example`, enabled);
  };
export const withoutEndpoints =
  (side: 'live' | 'candidate'): Situation =>
  (world) => {
    for (const { endpoint } of stacks[side].groups) world.endpoints.delete(endpoint);
  };
export const withoutGroups =
  (side: 'live' | 'candidate'): Situation =>
  (world) => {
    for (const { name } of stacks[side].groups) world.groups.delete(name);
  };
export const foreignEndpoint =
  (side: 'live' | 'candidate'): Situation =>
  (world) =>
    world.setEndpoint('somebody', `${stacks[side].groups[0]?.name}.example`, true);
export const refused =
  (fault: 'release' | 'world'): Situation =>
  (world) => {
    for (const { name } of candidate.groups) {
      const refusal = { at: world.now, fault, code: 'Code', message: 'refused', retryAfterMs: undefined };
      world.refusals.set(`createGroup ${name}`, refusal);
    }
  };
/** So many looks, a second apart, before the one that counts. */
export const looks =
  (times: number, first: Situation = asItIs): Situation =>
  (world, rollout) => {
    first(world, rollout);
    let current = rollout;
    for (let look = 0; look < times; look += 1) {
      current = world.step(current).rollout;
      world.now += 1000;
    }
    return current;
  };
export const failingProbes: Situation = (world) => void (world.isHealthy = () => false);
