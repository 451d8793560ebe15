/**
 * Judges what comes of a changed config, by every save: a rollout starts by a config that a daemon may go by then, and keeps
 * what it started with; what has left the config starts nothing, and is taken away only where that says so. It also tells by
 * which version of an app something has to be judged.
 */
import { z } from 'zod';
import type { Instant } from '../model/time.ts';
import { appIn } from './configs.ts';
import type { Configs } from './configs.ts';
import type { AppOptions } from './options.ts';
import { settingsFor, TEMPLATE_HASH } from './settings.ts';
import type { Truth } from './truth.ts';

export interface JudgeConfigGiven {
  readonly configs: Configs;
  readonly truth: () => Truth;
  readonly now: () => Instant;
}

const stored = z.object({
  rollout: z
    .object({
      id: z.string(),
      reason: z.string(),
      settings: z.record(z.string(), z.unknown()),
      traffic: z.unknown().optional(),
      candidate: z
        .object({
          id: z.string(),
          release: z.object({ templateHash: z.string() }),
          groups: z.array(z.unknown()),
        })
        .optional(),
    })
    .optional(),
});

type StoredRollout = NonNullable<z.output<typeof stored>['rollout']>;

const NEW = new Set(['firstDeployment', 'newRelease']);
/** These need no config that has the app. */
const REMOVING = new Set(['removal', 'cleanUp']);

export class JudgeConfig {
  readonly #given: JudgeConfigGiven;
  /** By app: the version that its rollout under way was started by. */
  readonly #underWay = new Map<string, AppOptions>();
  /** By the id of a stack. */
  readonly #wanted = new Map<string, AppOptions>();
  readonly #liveAgainAt = new Map<string, Instant>();
  /** Groups that were taken over and that a state has named. */
  readonly #named = new Set<string>();

  constructor(given: JudgeConfigGiven) {
    this.#given = given;
  }

  /** An app as it counts now: by its rollout under way, else by the newest config that has it. */
  app(name: string): AppOptions | undefined {
    const { configs } = this.#given;
    return this.#underWay.get(name) ?? configs.history(name)[0] ?? configs.everyApp.find((app) => app.name === name);
  }

  apps(): readonly AppOptions[] {
    return this.#given.configs.everyApp.map((app) => this.app(app.name) ?? app);
  }

  /** By which a stack was made; undefined where that was not seen. */
  madeBy(stack: string): AppOptions | undefined {
    return this.#wanted.get(stack);
  }

  /** It is taken away, or may be, since it left the config; or it is back, and not yet live again. */
  isGoing(name: string): boolean {
    const { configs, now } = this.#given;
    const known = configs.versions.filter(({ from }) => from <= now());
    const left = known.findLast((version) => version.onRemoval === 'retire' && appIn(version, name) === undefined);
    if (left === undefined || known[0] === undefined || known.every((one) => appIn(one, name) === undefined))
      return false;
    return left.until > now() || (this.#liveAgainAt.get(name) ?? -Infinity) < left.until;
  }

  /** A rollout has brought a release of the app. */
  succeeded(name: string): void {
    this.#liveAgainAt.set(name, this.#given.now());
  }

  /** Nobody can know any more whose groups the names of their endpoints were. */
  stateLost(): void {
    this.#named.clear();
  }

  /** An endpoint whose group the world has broken before any state named it: its name says nothing, and no tag is left. */
  isNobodys({ adopted }: AppOptions, endpoint: string): boolean {
    const group = adopted?.find((one) => one.endpoint === endpoint)?.name;
    return group !== undefined && !this.#named.has(group) && this.#given.truth().isBrokenByWorld(group);
  }

  /** Call it before those who ask for an app's version. */
  saved(name: string, before: unknown, after: unknown): void {
    const known = before === undefined ? undefined : stored.parse(before).rollout;
    const { rollout } = stored.parse(after);
    this.#noteNames(name, after);
    if (rollout === undefined) return void this.#underWay.delete(name);
    if (rollout.id === known?.id) this.#judgeSame(name, known, rollout);
    else this.#judgeStart(name, rollout);
  }

  #noteNames(name: string, after: unknown): void {
    const { adopted = [] } = this.app(name) ?? {};
    const text = adopted.length === 0 ? '' : JSON.stringify(after);
    for (const group of adopted) if (text.includes(`"${group.name}"`)) this.#named.add(group.name);
  }

  #judgeSame(name: string, before: StoredRollout, after: StoredRollout): void {
    if (planned(before) !== planned(after))
      this.#violate(`${name}: the settings of rollout ${after.id} change while it is under way`);
  }

  #judgeStart(name: string, rollout: StoredRollout): void {
    const { configs } = this.#given;
    const { id, reason, candidate } = rollout;
    const variants = configs.variants(name);
    if (variants.length === 0 && !REMOVING.has(reason))
      this.#violate(`${name}: ${reason} ${id} starts, although the app is in no config`);
    if (reason === 'removal') this.#judgeRemoval(name, id);
    const matching = variants.filter((app) => isBy(app, rollout));
    // What is taken away goes by what was saved with it.
    const found = matching[0] ?? configs.history(name).find((app) => isBy(app, rollout));
    if (matching.length === 0 && (!REMOVING.has(reason) || found === undefined))
      this.#violate(`${name}: ${reason} ${id} starts by settings of no config that counts`);
    if (found === undefined) return void this.#underWay.delete(name);
    const made = candidate === undefined ? found : this.#judgeCandidate(name, { rollout, candidate, matching });
    this.#underWay.set(name, made ?? found);
    if (candidate !== undefined && made !== undefined) this.#wanted.set(candidate.id, made);
  }

  /** What is gone back to is as it was. */
  #judgeCandidate(
    name: string,
    given: {
      rollout: StoredRollout;
      candidate: NonNullable<StoredRollout['candidate']>;
      matching: readonly AppOptions[];
    },
  ): AppOptions | undefined {
    const { rollout, candidate, matching } = given;
    const { reason, id } = rollout;
    if (reason === 'rollback') return this.#wanted.get(candidate.id) ?? matching[0];
    const sized = matching.find(
      (app) =>
        app.replicas * app.locations.length === candidate.groups.length &&
        (!NEW.has(reason) || (app.templateHash ?? TEMPLATE_HASH) === candidate.release.templateHash),
    );
    if (sized === undefined && matching.length > 0) {
      const { groups, release } = candidate;
      this.#violate(`${name}: ${reason} ${id} makes ${groups.length} groups by template ${release.templateHash}`);
    }
    return sized;
  }

  #judgeRemoval(name: string, id: string): void {
    const { configs } = this.#given;
    const { possible } = configs;
    if (possible.every((version) => appIn(version, name) !== undefined))
      this.#violate(`${name}: removal ${id} starts, although the app is in the config`);
    if (possible.every(({ onRemoval }) => onRemoval === 'keep'))
      this.#violate(`${name}: removal ${id} starts, although what leaves the config is kept`);
  }

  #violate(message: string): void {
    this.#given.truth().violate('config', message);
  }
}

function isBy(app: AppOptions, rollout: StoredRollout): boolean {
  return ownSettings(settingsFor([app]).apps[0]?.rollout ?? {}) === ownSettings(rollout.settings);
}

function planned({ settings, traffic }: StoredRollout): string {
  return `${ownSettings(settings)} ${canonical(traffic)}`;
}

/** Checks depend on why it starts, and what fails in an app that has left the config is not kept. */
function ownSettings(settings: object): string {
  const { checks: _, keepFailedMs: __, ...own }: { checks?: unknown; keepFailedMs?: unknown } = settings;
  return canonical(own);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
