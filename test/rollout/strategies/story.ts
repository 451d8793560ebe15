/**
 * The tiny world for whole rollouts of any strategy: what was done in which step, how many groups there were, and how many
 * served at each moment. `new west-1` and `old west-1` are the groups of the two stacks.
 */
import type { App, Gate, RolloutSettings } from '../../../src/model/app.ts';
import type { Check } from '../../../src/model/check.ts';
import type { Decision } from '../../../src/rollout/decide.ts';
import type { Effect, Stack } from '../../../src/rollout/effect.ts';
import { startRollout } from '../../../src/rollout/start.ts';
import { currentStep, stepName } from '../../../src/rollout/state.ts';
import type { Rollout } from '../../../src/rollout/state.ts';
import { app, release, START, World } from '../world.ts';

export const WEIGHT = app.traffic?.weight ?? 0;
const SIGNS: Readonly<Record<Effect['kind'], string>> = {
  createGroup: 'make',
  createJob: 'run',
  tagGroup: 'tag',
  deleteJob: 'end',
  deleteGroup: 'delete',
  enableEndpoint: 'enable',
  disableEndpoint: 'disable',
  deleteEndpoint: 'forget',
  retargetEndpoint: 'lead',
};

export const oneGate: Gate = { approvals: 1, timeoutMs: 600_000, onTimeout: 'rollBack' };

/** Places: names of locations, each with so many groups. */
export type Places = Readonly<Record<string, number>>;

export function stackIn(id: 'old' | 'new', version: string, places: Places): Stack {
  const groups = Object.entries(places).flatMap(([location, replicas]) =>
    Array.from({ length: replicas }, (_, index) => {
      const name = `${id} ${location}-${index + 1}`;
      return { name, location, replica: index + 1, endpoint: `viridian.${name}` };
    }),
  );
  return { id, release: release(version), groups };
}

export function checkNamed(name: string, given: Partial<Check> = {}): Check {
  const limits = { failureLimit: 0, errorLimit: 0, inconclusiveLimit: 0, isDryRun: false };
  const pace = { intervalMs: 1000, count: 2, timeoutMs: 1000 };
  const source = { kind: 'tcp', port: 80 } as const;
  return { name, source, successWhen: undefined, failureWhen: undefined, ...pace, ...limits, ...given };
}

export interface Plot {
  readonly live?: Places;
  readonly candidate?: Places;
  readonly settings?: Partial<RolloutSettings>;
  readonly hasTraffic?: boolean;
  readonly origin?: Partial<Omit<Parameters<typeof startRollout>[0], 'now' | 'app' | 'live' | 'candidate'>>;
}

export class Story extends World {
  readonly rollout: Rollout;
  /** As it was when the last telling ended. */
  last: Rollout;
  readonly app: App;
  /** One line for each step that was entered: its name, and what was done in it. */
  readonly lines: string[] = [];
  /** After each effect. */
  readonly moments: { readonly serving: number; readonly groups: number; readonly share: number }[] = [];
  #step = '';

  constructor({ live = { west: 2 }, candidate = live, settings = {}, hasTraffic = true, origin = {} }: Plot = {}) {
    super();
    const workers = { traffic: undefined, probe: undefined };
    this.app = { ...app, ...(hasTraffic ? {} : workers), rollout: { ...app.rollout, ...settings } };
    const old = stackIn('old', '1.0.0', live);
    this.addStack(old, { inRotation: hasTraffic });
    for (const [name, endpoint] of this.endpoints) this.endpoints.set(name, { ...endpoint, weight: WEIGHT });
    this.rollout = startRollout({
      ...origin,
      app: this.app,
      live: old.groups.length === 0 ? undefined : old,
      candidate: stackIn('new', '1.1.0', candidate),
      now: START,
    });
    this.last = this.rollout;
    this.#look();
  }

  override step(rollout: Rollout): Decision {
    const step = currentStep(rollout);
    const name = step === undefined ? '' : stepName(step);
    if (name !== '' && name !== this.#step) this.lines.push(name);
    this.#step = name;
    return super.step(rollout);
  }

  override perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      super.perform([effect]);
      const weight = effect.kind === 'enableEndpoint' && effect.weight !== undefined ? ` at ${effect.weight}` : '';
      const last = this.lines.pop() ?? '';
      this.lines.push(`${last}${last.includes(': ') ? ', ' : ': '}${SIGNS[effect.kind]} ${effect.group.name}${weight}`);
      this.#look();
    }
  }

  /** To the end, or to the first step of this name. */
  tell(rollout: Rollout = this.rollout, step?: string): Rollout {
    this.last = this.run(rollout, (one) => {
      const current = currentStep(one);
      return step !== undefined && current !== undefined && stepName(current) === step;
    });
    return this.last;
  }

  /** What is there: groups, and endpoints that are enabled, with their weight where it is not the app's own. */
  state(): { readonly groups: readonly string[]; readonly enabled: readonly string[] } {
    const enabled = [...this.endpoints.values()]
      .filter((endpoint) => endpoint.enabled)
      .map(({ name, weight }) => `${name.replace('viridian.', '')}${weight === WEIGHT ? '' : ` at ${weight}`}`);
    return { groups: [...this.groups.keys()].sort(), enabled: enabled.sort() };
  }

  /** Percent of new answers that lead to the candidate. */
  share(): number {
    const weights = this.#serving().map(({ name, weight = 0 }) => ({ isNew: name.includes('new'), weight }));
    const sum = (of: readonly { weight: number }[]) => of.reduce((total, { weight }) => total + weight, 0);
    return (100 * sum(weights.filter(({ isNew }) => isNew))) / sum(weights);
  }

  fewestServing(): number {
    return Math.min(...this.moments.map(({ serving }) => serving));
  }

  mostGroups(): number {
    return Math.max(...this.moments.map(({ groups }) => groups));
  }

  /** What is enabled towards a group that is there and healthy. */
  #serving() {
    return [...this.endpoints.values()].filter(({ name, enabled }) => {
      const group = name.replace('viridian.', '');
      return enabled && this.groups.has(group) && this.isHealthy(group) && this.monitor(name) === 'Online';
    });
  }

  #look(): void {
    this.moments.push({ serving: this.#serving().length, groups: this.groups.size, share: this.share() });
  }
}
