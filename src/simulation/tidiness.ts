/** The end of a seed: every app runs its newest release (R10), and nothing of ours is there that should not be (R8). */
import type { Documents } from './documents.ts';
import type { Ledger } from './ledger.ts';
import type { Group } from '../simulator/group.ts';
import { asRecord } from '../simulator/http.ts';
import type { AppOptions, Options } from './options.ts';
import { nameImages } from './release-words.ts';
import type { Configs } from './configs.ts';
import type { JudgeConfig } from './judge-config.ts';
import { TEMPLATE_HASH, WEIGHT } from './settings.ts';
import { isOwnEndpoint } from './own-endpoint.ts';
import { removedLeftovers } from './tidy-removed.ts';
import { ownerOf } from './truth.ts';
import type { Truth } from './truth.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import { nameOf, readStored } from './stored-app.ts';

export interface TidyGiven {
  readonly azure: VirtualAzure;
  readonly documents: Documents;
  readonly options: Options;
  readonly owner: string;
  readonly ledger: Ledger;
  readonly configs: Configs;
  readonly truth: Truth;
  readonly judgeConfig: Pick<JudgeConfig, 'madeBy' | 'isNobodys'>;
}

export interface Leftover {
  readonly rule: 'R8' | 'R10';
  readonly message: string;
}

/** What is not yet as it should be: all is well where it is empty. */
export function leftovers(given: TidyGiven): Leftover[] {
  const there = given.configs.newest.apps.flatMap((app) => {
    const { name } = app;
    const wanted = given.ledger.expected(name) === undefined ? 0 : (adopted(given, app) ?? numberOf(given, app));
    return [
      ...stateOf(given, app),
      ...groupsOf(given, app, wanted),
      ...endpointsOf(given, app, wanted),
      ...tagsOf(given, app),
    ];
  });
  return [...there, ...removedLeftovers(given)];
}

/** Another number in the config counts with the next release. */
function numberOf({ documents, judgeConfig }: TidyGiven, app: AppOptions): number {
  const live = readStored(documents.peek(app.name)?.state).live?.id;
  const { replicas, locations } = (live === undefined ? undefined : judgeConfig.madeBy(live)) ?? app;
  return replicas * locations.length;
}

/** What was half replaced when the state was lost is live as it was found; its number comes with the next release. */
function adopted(given: TidyGiven, app: AppOptions): number | undefined {
  if (!hasLostState(given.options)) return undefined;
  const groups = readStored(given.documents.peek(app.name)?.state).live?.groups.length ?? 0;
  return groups > 0 && groups < numberOf(given, app) ? groups : undefined;
}

function hasLostState({ events }: Options): boolean {
  return events.some(({ kind }) => kind === 'loseState');
}

function stateOf({ documents, ledger }: TidyGiven, one: AppOptions): Leftover[] {
  const { name: app, templateHash = TEMPLATE_HASH } = one;
  const wanted = ledger.expected(app);
  const stored = documents.peek(app);
  if (stored === undefined && wanted === undefined) return [];
  if (stored === undefined) return [{ rule: 'R10', message: `${app} has no state that can be read` }];
  const { live, rollout } = readStored(stored.state);
  const name = nameOf(live?.release);
  // What was called off, or is kept instead of it, is of the template of then.
  const isNewest = name !== undefined && name === wanted && ledger.page(app).refused === undefined;
  const hash = live?.release.templateHash;
  const isOther = isNewest && hash !== templateHash;
  const message = `${app} runs ${name} by template ${hash}, not ${templateHash}`;
  const templateFaults = isOther ? [{ rule: 'R10' as const, message }] : [];
  return [
    ...(rollout === undefined ? [] : [{ rule: 'R10' as const, message: `${app}: rollout ${rollout.id} is under way` }]),
    ...(name === wanted
      ? []
      : [{ rule: 'R10' as const, message: `${app} runs ${name ?? 'nothing'}, not ${wanted ?? 'nothing'}` }]),
    ...templateFaults,
  ];
}

/** Of stacks that are kept by their count alone, so many: they are there for good. */
function keptForGood({ documents }: TidyGiven, { name, rollout }: AppOptions): ReadonlySet<string> {
  const { forMs, count = 0, as } = rollout?.retain ?? {};
  if (forMs !== undefined || as === 'gone') return new Set();
  const kept = readStored(documents.peek(name)?.state).retained.filter(
    ({ kind, until }) => kind === undefined && until === undefined,
  );
  return new Set(kept.slice(-count).flatMap(({ stack }) => stack.groups.map((group) => group.name)));
}

function ownGroups(given: TidyGiven, app: AppOptions) {
  const kept = keptForGood(given, app);
  const isOwn = (group: Parameters<typeof ownerOf>[0] & { key: { name: string } }) =>
    ownerOf(group) === given.owner && group.key.name.startsWith(`${app.name}-`) && !kept.has(group.key.name);
  return given.azure.groups.all().filter((group) => isOwn(group));
}

function groupsOf(given: TidyGiven, app: AppOptions, wanted: number): Leftover[] {
  const { azure } = given;
  const own = ownGroups(given, app);
  // Without a probe nobody can know more of a worker than that it runs.
  const isBlind = app.hasTraffic === false && app.hasProbe === false;
  const serving = own.filter((group) => (isBlind ? azure.runs(group) : azure.serves(group)));
  if (own.length === wanted && serving.length === wanted) return othersOf(given, app, own);
  // What was taken over cannot be made anew: it stays as the world has left it, until something else may run.
  const isOld = ({ key }: Group) => app.adopted?.some(({ name }) => name === key.name) === true;
  if (own.length > 0 && own.every(isOld) && own.some(({ key }) => given.truth.isBrokenByWorld(key.name))) return [];
  const stopped = own.filter(({ state }) => state === 'Stopped').length;
  const more = stopped === 0 ? '' : ` and ${stopped} are stopped`;
  const message = `${app.name} has ${own.length} groups of which ${serving.length} serve${more}, not ${wanted}`;
  return [{ rule: own.length > wanted ? 'R8' : 'R10', message }];
}

/** What is said to run does, in each container: by the version of its program. */
function othersOf({ ledger }: TidyGiven, { name }: AppOptions, own: readonly Group[]): Leftover[] {
  const wanted = ledger.expected(name);
  return own.flatMap(({ key, containers }): Leftover[] => {
    const runs = nameImages(containers.map(({ name: container, program }) => ({ container, tag: program.version })));
    return runs === wanted ? [] : [{ rule: 'R10', message: `${key.name} runs ${runs}, not ${wanted}` }];
  });
}

/** What serves is tagged as live, and as nothing else. */
function tagsOf(given: TidyGiven, app: AppOptions): Leftover[] {
  const roles = app.rollout?.tags;
  if (roles === undefined) return [];
  const adopted = new Set(app.adopted?.map(({ name }) => name));
  return ownGroups(given, app).flatMap(({ key: { name }, body }): Leftover[] => {
    // What was taken over never was a candidate.
    if (adopted.has(name)) return [];
    const tags = asRecord(body['tags']) ?? {};
    const names = Object.keys({ ...roles.candidate, ...roles.live });
    const wrong = names.filter((key) => tags[key] !== roles.live[key]);
    return wrong.length === 0 ? [] : [{ rule: 'R8', message: `${name} is left with wrong tags: ${wrong.join(', ')}` }];
  });
}

function endpointsOf(given: TidyGiven, one: AppOptions, wanted: number): Leftover[] {
  const { azure, owner } = given;
  const { name: app, routing, hasTraffic } = one;
  if (hasTraffic === false) return [];
  const kept = [...keptForGood(given, one)];
  const taken = one.adopted?.filter((group) => kept.includes(group.name)) ?? [];
  const outOfRotation = new Set([
    ...kept.map((group) => `${owner}.${group}`),
    ...taken.map(({ endpoint }) => endpoint),
  ]);
  const isWeighted = (routing?.method ?? 'Weighted') === 'Weighted';
  const endpoints = [...(azure.profile(app)?.endpoints.values() ?? [])].filter(
    ({ name, enabled }) =>
      isOwnEndpoint(owner, one, name) &&
      !given.judgeConfig.isNobodys(one, name) &&
      (enabled || !outOfRotation.has(name)),
  );
  const targets = new Set(azure.groups.all().map(({ fqdn, ip }) => (routing?.method === 'MultiValue' ? ip : fqdn)));
  const enabled = endpoints.filter(
    (endpoint) => endpoint.enabled && (!isWeighted || endpoint.weight === WEIGHT) && targets.has(endpoint.target),
  );
  if (endpoints.length === wanted && enabled.length === wanted) return [];
  const message = `${app} has ${endpoints.length} endpoints of which ${enabled.length} are as they should be, not ${wanted}`;
  return [{ rule: endpoints.length > wanted ? 'R8' : 'R10', message }];
}
