/** Everything of one seed, joined: the world, its daemons, its clients, and those who judge. */
import { z } from 'zod';
import { Chance } from './chance.ts';
import { CheckAnswers } from './check-answers.ts';
import { Clients } from './clients.ts';
import { openConfig } from './config-file.ts';
import { Configs } from './configs.ts';
import type { Failure } from './clients.ts';
import { makeParents } from './chain.ts';
import { repositoryOf } from './draw-pushes.ts';
import { firstStartMs } from './draw-adopted.ts';
import { profileProperties } from './draw-routing.ts';
import { Daemons, ONE_DAEMON } from './daemons.ts';
import { goodTags } from './good-tags.ts';
import { Journal } from './journal.ts';
import { JudgeConfig } from './judge-config.ts';
import { JudgePeople } from './judge-people.ts';
import { JudgeSet } from './judge-set.ts';
import { Ledger } from './ledger.ts';
import type { Said } from './journal.ts';
import { makeAdopted } from './make-adopted.ts';
import { MemoryLeases } from './memory-leases.ts';
import type { Documents } from './documents.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryStore } from './memory-store.ts';
import { Operators } from './operators.ts';
import type { AppOptions, Event, Options } from './options.ts';
import { WEB } from './release-words.ts';
import type { SeedGiven } from './run.ts';
import { OWNER, SUCCESSES } from './settings.ts';
import { readStored } from './stored-app.ts';
import type { StoredApp } from './stored-app.ts';
import { Troubles } from './trouble.ts';
import { Truth } from './truth.ts';
import { RESOURCE_GROUP, SUBSCRIPTION, VirtualAzure } from './virtual-azure.ts';
import { VirtualTime } from './virtual-time.ts';
import { World } from './world-events.ts';
import { addForeigners } from './world-traffic.ts';
import { partitionOf } from '../controller/leadership.ts';

const START = Date.UTC(2026, 0, 1);
const CORES = 1000;

export class Scene {
  readonly start = START;
  readonly owner = OWNER;
  readonly time = new VirtualTime(START);
  readonly options: Options;
  readonly azure: VirtualAzure;
  readonly documents: Documents;
  readonly truth: Truth;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly clients: Clients;
  readonly daemons: Daemons;
  readonly configs: Configs;
  readonly judgeConfig: JudgeConfig;
  readonly #given: SeedGiven;
  readonly #troubles: Troubles;
  readonly #world: World;
  readonly #judge: JudgePeople;
  readonly #judgeSet: JudgeSet;
  readonly #operators: Operators;
  readonly #answers: CheckAnswers | undefined;
  readonly #serving = new Set<string>();
  /** Events that wait for a step to be done. */
  readonly #atStep = new Set<Event>();

  constructor(options: Options, chance: Chance, given: SeedGiven) {
    const { time } = this;
    const stream = () => new Chance(chance.whole(0, 2 ** 31 - 1));
    this.options = options;
    this.#given = given;
    this.configs = new Configs(options, { start: START, now: () => time.now() });
    this.judgeConfig = new JudgeConfig({ configs: this.configs, truth: () => this.truth, now: () => time.now() });
    this.#troubles = new Troubles(options.rates, stream());
    const { createMs, restartMs, monitorMs } = options;
    const groupOptions = { createMs, restartMs, coresPerLocation: CORES };
    const { count = 1, delayMs = 0 } = options.nameServers ?? {};
    const traffic = { nameServers: count, propagationMs: delayMs };
    const random = stream().next;
    this.azure = new VirtualAzure({ time, random, options: groupOptions, probeIntervalMs: monitorMs, traffic });
    const { checks: troubles } = options;
    this.#answers = troubles && new CheckAnswers({ time, azure: this.azure, troubles, start: START });
    this.documents = this.#makeDocuments();
    const leases = new MemoryLeases({ time, trouble: this.#troubles.ofStore });
    this.truth = this.#makeTruth(leases);
    const onRetry = (app: string, release: string | undefined) => this.journal.retried(app, release);
    this.ledger = new Ledger({ truth: this.truth, now: () => time.now(), options, onRetry });
    this.#judge = this.#makeJudge();
    this.#judgeSet = new JudgeSet({ options, truth: this.truth, now: () => time.now(), start: START });
    this.journal = new Journal({
      truth: this.truth,
      isGood: goodTags({ ...options, apps: this.configs.everyApp }),
      onSaid: (said) => this.#hear(said),
      secret: this.azure.bearer,
    });
    this.clients = new Clients({
      azure: this.azure,
      now: () => time.now(),
      after: (ms, callback) => void time.after(ms, callback),
      random: stream().next,
      onFailure: (failure) => this.#judgeFailure(failure),
    });
    this.daemons = this.#makeDaemons(leases, stream());
    this.#world = this.#makeWorld();
    this.#operators = this.#makeOperators(new Chance(START + options.faultMs));
    this.#prepare();
  }

  heal(): void {
    this.#atStep.clear();
    this.#troubles.heal();
    this.#world.heal();
    this.daemons.heal();
    this.#answers?.heal();
    this.#operators.meanWell();
  }

  end(): void {
    this.daemons.end();
    this.azure.close();
  }

  /** Alone, a daemon has a folder of its own; several share documents in a storage service. */
  #makeDocuments(): MemoryDisk | MemoryStore {
    const given = {
      trouble: this.#troubles.ofStore,
      sleep: (ms: number) => this.time.sleep(ms),
      onSave: (app: string, before: unknown, after: unknown) => this.#saved(app, before, after),
    };
    return (this.options.daemons?.count ?? 1) > 1 ? new MemoryStore(given) : new MemoryDisk(given);
  }

  #makeTruth(leases: MemoryLeases): Truth {
    const { time, azure, documents, judgeConfig } = this;
    return new Truth({
      azure,
      now: () => time.now(),
      owner: OWNER,
      apps: () => judgeConfig.apps(),
      isGoing: (app) => judgeConfig.isGoing(app),
      successes: SUCCESSES,
      savedState: (app) => documents.text(app),
      holder: (app) => leases.holder(partitionOf(app)),
      onChange: (app, what, sentAt) => this.#judge.changes(app, what, sentAt),
    });
  }

  #makeJudge(): JudgePeople {
    const { time, azure, documents, options, configs, ledger, truth } = this;
    return new JudgePeople({
      options,
      configs,
      ledger,
      truth,
      answers: this.#answers,
      now: () => time.now(),
      stateOf: (app) => documents.peek(app)?.state,
      serve: (groups) =>
        groups.every((name) =>
          azure.serves(azure.groups.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name })),
        ),
    });
  }

  #makeOperators(chance: Chance): Operators {
    const { time, documents, options, ledger, truth, daemons, start } = this;
    return new Operators({
      time,
      chance,
      options,
      ledger,
      truth,
      isGood: goodTags(options),
      start,
      stateOf: (app) => documents.peek(app)?.state,
      daemons: daemons.names,
      ask: (name, asked) => daemons.ask(name, asked),
    });
  }

  #saved(name: string, before: unknown, after: unknown): void {
    judgeSave(this.truth, { app: name, before, after });
    this.judgeConfig.saved(name, before, after);
    const app = this.judgeConfig.app(name);
    if (app === undefined) return;
    const [known, next] = [readStored(before), readStored(after)];
    this.#judge.saved(app, known, next);
    this.#judgeSet.saved(app, known, next);
    this.ledger.saved(name, known, next);
    this.#happenAtStep(name, known, next);
  }

  #makeDaemons(leases: MemoryLeases, chance: Chance): Daemons {
    const { time, azure, documents, truth, journal, options, configs } = this;
    const { plant, killAt } = this.#given;
    return new Daemons({
      options: options.daemons ?? ONE_DAEMON,
      startMs: firstStartMs(options),
      time,
      azure,
      documents,
      leases,
      openConfig: (daemon) => openConfig({ options, configs, now: () => time.now(), daemon }),
      chance,
      answers: this.#answers,
      trouble: this.#troubles.ofRequest,
      namesFail: this.#troubles.ofNames,
      onRequest: (request, daemon) => truth.onRequest(request, daemon),
      onProbe: (fqdn, ok) => truth.probed(fqdn, ok),
      log: (isOver) => journal.log(isOver),
      plant,
      killAt,
      onDeath: () => journal.lifeEnded(),
    });
  }

  #makeWorld(): World {
    const { time, azure, truth, daemons, documents, journal, ledger, judgeConfig } = this;
    return new World({
      azure,
      time,
      truth,
      troubles: this.#troubles,
      killDaemon: () => daemons.kill(),
      isPaused: (app) => ledger.page(app).pausedAt !== undefined,
      loseState() {
        daemons.killAll();
        documents.clear();
        journal.stateLost();
        ledger.stateLost();
        judgeConfig.stateLost();
      },
      fillDisk(isFull) {
        if (documents instanceof MemoryDisk) documents.isFull = isFull;
      },
    });
  }

  #prepare(): void {
    const { time, azure, options } = this;
    const { refusesTwins = false, nestedTtl = 'parent' } = options;
    azure.profiles.setRules({ refuseSameLocation: refusesTwins, nestedTtl });
    for (const app of this.configs.everyApp) {
      if (app.hasTraffic === false) continue;
      azure.createProfile(app.name, app.ttlSeconds, profileProperties(app.routing));
      makeParents(azure, app);
      if (options.hasForeigners) addForeigners(azure, app.name);
    }
    makeAdopted({ azure, time, options, onLive: (app) => this.#isLive(app) });
    for (const { at, app, container = WEB, tag, program, measured } of options.pushes) {
      time.after(at, () => azure.push({ repository: repositoryOf(app, container), tag, measured, ...program }));
    }
    for (const event of options.events) {
      // What was there before is there when the first daemon looks.
      time.after(Math.max(event.at, firstStartMs(options)), () => {
        if (event.afterStep === undefined) this.#world.happen(event);
        else this.#atStep.add(event);
      });
    }
  }

  /** What was taken over counts as any live stack from the first start on; who took it over has looked at it. */
  #isLive(app: AppOptions): void {
    const { truth } = this;
    for (const { name } of app.adopted ?? []) truth.proven(name);
    truth.scan();
    truth.live.add(app.name);
    this.#serve(app);
  }

  /** By what is saved: a daemon that dies just after it says nothing. */
  #happenAtStep(app: string, known: StoredApp, next: StoredApp): void {
    const [before, after] = [known.rollout, next.rollout];
    const isOn = before !== undefined && after?.id === before.id && after.cursor > before.cursor;
    if (!isOn || after.backPlan !== undefined) return;
    for (const event of this.#atStep) {
      if (event.app !== app || event.afterStep !== before.plan[before.cursor]?.kind) continue;
      this.#atStep.delete(event);
      if (event.afterMs === undefined) this.#world.happen(event);
      else this.time.after(event.afterMs, () => this.#world.happen(event));
    }
  }

  /** From its first release on, an app has clients. */
  #hear(said: Said): void {
    this.#given.onSaid?.(this.time.now(), said);
    const app = this.configs.everyApp.find(({ name }) => name === said.fields['app']);
    if (said.event === 'rollout.finished' && said.fields['outcome'] === 'Succeeded' && said.fields['to'] !== undefined)
      this.judgeConfig.succeeded(String(said.fields['app']));
    if (app !== undefined && this.truth.live.has(app.name)) this.#serve(app);
  }

  #serve(app: AppOptions): void {
    if (app.hasTraffic === false || this.#serving.has(app.name)) return;
    this.#serving.add(app.name);
    this.clients.start({ ...app, drainMs: this.configs.shortestDrainMs(app.name) });
  }

  #judgeFailure({ app, target, detail }: Failure): void {
    const { truth } = this;
    const group = target === undefined ? undefined : truth.groupOf(target);
    if (truth.isExcused(app) || this.judgeConfig.isGoing(app)) return;
    if (this.configs.isOut(app) && truth.hasBroken(app)) return;
    if (group === undefined ? truth.wasDown(app) || truth.isPartlyOut(app) : truth.isBrokenByWorld(group)) return;
    truth.violate('R1', `a request to ${app} fails: ${group ?? 'no target'}: ${detail}`);
  }
}

/** R5: a save by who does not know what another has saved meanwhile would take it back. */
function judgeSave(truth: Truth, { app, before, after }: { app: string; before: unknown; after: unknown }): void {
  if (before === undefined) return;
  const [known, next] = [rolloutsOf(before), rolloutsOf(after)];
  const last = known.at(-1);
  if (last !== undefined && !next.includes(last)) truth.violate('R5', `${app}: the save takes back rollout ${last}`);
}

const rollouts = z.object({
  history: z.array(z.object({ rollout: z.string() })),
  rollout: z.object({ id: z.string() }).optional(),
});

/** Finished ones and the one under way, oldest first. */
function rolloutsOf(state: unknown): readonly string[] {
  const { history, rollout } = rollouts.parse(state);
  return [...history.map((summary) => summary.rollout), ...(rollout === undefined ? [] : [rollout.id])];
}
