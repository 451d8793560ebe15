/**
 * A world for random runs, with a judgement of its own: what is true of groups and endpoints, what the controller was
 * shown, and which effects may follow. It knows nothing of src/rollout/rules.ts, health.ts or rotation.ts.
 */
import type { Decision } from '../../src/rollout/decide.ts';
import type { Effect, Stack, StackGroup } from '../../src/rollout/effect.ts';
import type { Observation } from '../../src/rollout/observation.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { app, running, stopped, World } from './world.ts';

/** What is wrong with a group, if anything. */
export const AILMENTS = ['none', 'sick', 'crashed', 'failed', 'starting', 'restarted', 'stopped'] as const;
export type Ailment = (typeof AILMENTS)[number];

export interface Sight {
  readonly profile: 'seen' | 'unknown' | 'gone';
  /** Which groups a GET fails for: a bit for each. */
  readonly hidden: number;
  /** Which probes get no answer that tells anything. */
  readonly mute: number;
}

const isHidden = (bits: number, name: string) => ((bits >> Number(name.at(-1))) & 1) === 1;

export class FuzzWorld extends World {
  readonly ailments = new Map<string, Ailment>();
  readonly checking = new Set<string>();
  readonly #groupsByName: ReadonlyMap<string, StackGroup>;
  /** Successful probes in a row that the controller was shown, and of which life of the group. */
  readonly #streaks = new Map<string, { count: number; at: number; life: string }>();
  readonly #proven = new Set<string>();
  /** Groups of the live stack that were deleted meanwhile. */
  readonly #remade = new Set<string>();
  /** When the controller last saw a group in rotation, or put it there, with the largest TTL seen meanwhile. */
  readonly #exposed = new Map<string, { at: number; ttlSeconds: number }>();

  constructor(stacks: readonly Stack[]) {
    super();
    const groups = stacks.flatMap((stack) => stack.groups);
    this.#groupsByName = new Map(groups.map((group) => [group.name, group]));
    this.isHealthy = (name) => this.serves(name);
    this.monitor = (endpoint) => {
      if (this.checking.has(endpoint)) return 'CheckingEndpoint';
      return this.serves(groups.find((group) => group.endpoint === endpoint)?.name ?? '') ? 'Online' : 'Degraded';
    };
  }

  serves(name: string): boolean {
    const ailment = this.ailments.get(name) ?? 'none';
    const isThere = this.groups.has(name) && this.groups.get(name)?.state !== 'Stopped';
    return isThere && (ailment === 'none' || ailment === 'restarted');
  }

  /** The group as Azure shows it, with its ailment. */
  ail(name: string, ailment: Ailment): void {
    const group = this.groups.get(name);
    if (group === undefined) return;
    this.ailments.set(name, ailment);
    const whose = group.tags['viridian-rollout'] ?? '';
    if (ailment === 'stopped') return void this.groups.set(name, stopped(name, whose));
    const good = running(name, whose);
    const restarts = ailment === 'restarted' ? 1 : 0;
    const state = ailment === 'crashed' ? 'Terminated' : ailment === 'starting' ? 'Waiting' : 'Running';
    const containers = good.containers.map((one) => ({ ...one, state, restarts, exitCode: 1 }));
    this.groups.set(name, { ...good, containers, provisioningState: ailment === 'failed' ? 'Failed' : 'Succeeded' });
  }

  /** What the controller is shown of it. */
  show(rollout: Rollout, { profile, hidden, mute }: Sight): Observation {
    this.profileKnown = profile !== 'unknown';
    this.profileExists = profile !== 'gone';
    const all = this.observe(rollout);
    const unknown = { known: false, at: this.now, reason: 'HTTP 500' } as const;
    return {
      ...all,
      groups: new Map([...all.groups].map(([name, seen]) => [name, isHidden(hidden, name) ? unknown : seen])),
      probes: new Map([...all.probes].map(([name, seen]) => [name, { ...seen, inconclusive: isHidden(mute, name) }])),
    };
  }

  isEnabled(name: string): boolean {
    return this.endpoints.get(this.#groupsByName.get(name)?.endpoint ?? '')?.enabled === true;
  }

  /** Keeps account of what the controller could know from this. */
  take(observation: Observation): void {
    for (const [name, seen] of observation.groups) {
      if (!seen.known) continue;
      const containers = seen.value?.containers ?? [];
      const life = `${containers.map(({ state, restarts }) => `${state} ${restarts}`).join()} ${seen.value?.provisioningState}`;
      const isSame = this.#streaks.get(name)?.life === life;
      if (!isSame) this.#streaks.set(name, { count: 0, at: 0, life });
    }
    for (const [name, { ok, at, inconclusive }] of observation.probes) {
      const streak = this.#streaks.get(name);
      if (streak === undefined || streak.at === at || inconclusive === true) continue;
      // A proof is of the life of the group that was seen with it.
      if (observation.groups.get(name)?.known !== true) continue;
      this.#streaks.set(name, { ...streak, at, count: ok ? streak.count + 1 : 0 });
      if (ok && streak.count + 1 >= (app.probe?.successes ?? 0)) this.#proven.add(name);
    }
    if (observation.profile?.known !== true || observation.profile.value === undefined) return;
    for (const name of this.#groupsByName.keys()) if (this.isEnabled(name)) this.#expose(name);
  }

  #expose(name: string): void {
    const ttlSeconds = Math.max(this.ttlSeconds, this.#exposed.get(name)?.ttlSeconds ?? 0);
    this.#exposed.set(name, { at: this.now, ttlSeconds });
  }

  /** Which rules the decision breaks, by what is true and what was shown. */
  judge(rollout: Rollout, { effects, change }: Decision, shown: Observation): readonly string[] {
    const faults = effects.flatMap((effect) => this.#judgeEffect(rollout, effect, shown) ?? []);
    if (effects.filter(({ kind }) => kind.endsWith('Endpoint')).length > 1) faults.push('R4: two endpoints at a time');
    if (change?.kind !== 'stepDone') return faults;
    const { kind, side, only } = change.step;
    const isProfileSeen = shown.profile?.known === true && shown.profile.value !== undefined;
    const worked = (rollout[side]?.groups ?? []).filter(({ name }) => only?.includes(name) ?? true);
    const unseen = worked.filter(({ name }) => shown.groups.get(name)?.known !== true);
    const needsProfile = ['register', 'online', 'weigh', 'deregister', 'drain', 'retire', 'stop'].includes(kind);
    if (needsProfile && !isProfileSeen) faults.push(`R6: ${kind} is done, and the profile was not seen`);
    if (['provision', 'retire', 'stop', 'tag'].includes(kind) && unseen.length > 0)
      faults.push(`R6: ${kind} is done unseen`);
    return faults;
  }

  #judgeEffect(rollout: Rollout, effect: Effect, shown: Observation): string | undefined {
    const { kind, group } = effect;
    const { name } = group;
    const seen = shown.groups.get(name);
    const isProfileSeen = shown.profile?.known === true && shown.profile.value !== undefined;
    const isLast = ![...this.#groupsByName.keys()].some(
      (other) => other !== name && this.isEnabled(other) && this.serves(other),
    );
    if (kind.endsWith('Endpoint') && !isProfileSeen) return `R6: ${kind} ${name}, and the profile was not seen`;
    switch (effect.kind) {
      case 'createGroup':
        return seen?.known === true && seen.value === undefined ? undefined : `R6: ${kind} ${name} not seen absent`;
      case 'retargetEndpoint':
      case 'enableEndpoint': {
        const isLive = rollout.live?.groups.some((own) => own.name === name) === true;
        // What was made again has lost its proof.
        const isProven = this.#proven.has(name) || (isLive && !this.#remade.has(name));
        return isProven ? undefined : `R3: ${name} gets traffic unproven`;
      }
      case 'disableEndpoint': {
        const mayEmpty = rollout.reason === 'firstDeployment' || rollout.reason === 'removal';
        return this.serves(name) && isLast && !mayEmpty ? `R1: ${name} is the last that serves` : undefined;
      }
      case 'deleteEndpoint':
        return this.isEnabled(name) ? `R1: the endpoint of ${name} is deleted while enabled` : this.#undrained(group);
      case 'tagGroup': {
        const whose = seen?.known === true ? seen.value?.tags['viridian-rollout'] : undefined;
        const isKept = whose !== undefined && effect.tags['viridian-rollout'] === whose;
        return isKept ? undefined : `R4: ${name} is tagged unseen, or loses a tag that tells whose it is`;
      }
      // None is drawn.
      case 'createJob':
      case 'deleteJob':
        return `R4: ${kind} ${name}, and no job is asked for`;
      case 'startGroup':
        return seen?.known === true && seen.value?.state === 'Stopped' ? undefined : `R6: ${name} is not seen stopped`;
      case 'stopGroup':
        if (seen?.known !== true || seen.value === undefined) return `R6: ${name} is stopped and was not seen`;
        if (this.isEnabled(name)) return `R2: ${name} is stopped while its endpoint is enabled`;
        return this.#undrained(group);
      case 'deleteGroup':
        if (seen?.known !== true || seen.value === undefined) return `R6: ${name} is deleted and was not seen`;
        if (this.endpoints.has(group.endpoint)) return `R2: ${name} is deleted before its endpoint`;
        return this.#undrained(group);
    }
  }

  #undrained({ name }: StackGroup): string | undefined {
    const exposed = this.#exposed.get(name);
    if (exposed === undefined) return undefined;
    const waitMs = exposed.ttlSeconds * 1000 + app.rollout.propagationMarginMs + app.rollout.drainMs;
    return this.now < exposed.at + waitMs ? `R2: ${name} is deleted before its drain has ended` : undefined;
  }

  /** All that effects can change, as text. */
  snapshot(): string {
    return JSON.stringify([[...this.groups], [...this.endpoints], [...this.ailments]]);
  }

  override perform(effects: readonly Effect[]): void {
    super.perform(effects);
    for (const { kind, group } of effects) {
      if ((kind === 'enableEndpoint' || kind === 'retargetEndpoint') && this.isEnabled(group.name))
        this.#expose(group.name);
      if (!['createGroup', 'deleteGroup', 'stopGroup', 'startGroup'].includes(kind)) continue;
      this.ailments.delete(group.name);
      if (this.groups.has(group.name) && kind !== 'stopGroup') continue;
      this.#proven.delete(group.name);
      this.#remade.add(group.name);
    }
  }
}
