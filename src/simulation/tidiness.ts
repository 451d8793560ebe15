/** The end of a seed: every app runs its newest release (R10), and nothing of ours is there that should not be (R8). */
import type { MemoryStore } from './memory-store.ts';
import type { Options } from './options.ts';
import { ownerOf } from './truth.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import { parseAppState } from '../controller/app-state.ts';

export interface TidyGiven {
  readonly azure: VirtualAzure;
  readonly store: MemoryStore;
  readonly options: Options;
  readonly owner: string;
}

/** What is not yet as it should be, in words. */
export function leftovers(given: TidyGiven): string[] {
  return given.options.apps.flatMap(({ name, replicas }) => [
    ...stateOf(given, name),
    ...groupsOf(given, name, replicas),
    ...endpointsOf(given, name, replicas),
  ]);
}

function newestTag({ pushes }: Options, app: string): string {
  return pushes.findLast((push) => push.app === app)?.tag ?? '';
}

function stateOf({ store, options }: TidyGiven, app: string): string[] {
  const stored = store.peek(app);
  if (stored === undefined) return [`${app} has no state`];
  const { live, rollout } = parseAppState(app, stored.state);
  const tag = live?.release.images[0]?.tag;
  const wanted = newestTag(options, app);
  return [
    ...(rollout === undefined ? [] : [`${app}: rollout ${rollout.id} is under way`]),
    ...(tag === wanted ? [] : [`${app} runs ${tag ?? 'nothing'}, not ${wanted}`]),
  ];
}

function groupsOf({ azure, owner }: TidyGiven, app: string, replicas: number): string[] {
  const own = azure.groups.all().filter((group) => ownerOf(group) === owner && group.key.name.startsWith(`${app}-`));
  const serving = own.filter((group) => azure.serves(group));
  return own.length === replicas && serving.length === replicas
    ? []
    : [`${app} has ${own.length} groups of which ${serving.length} serve, not ${replicas}`];
}

function endpointsOf({ azure, owner }: TidyGiven, app: string, replicas: number): string[] {
  const endpoints = [...(azure.profile(app)?.endpoints.values() ?? [])].filter(({ name }) =>
    name.startsWith(`${owner}.`),
  );
  const enabled = endpoints.filter(({ enabled: isEnabled }) => isEnabled);
  return endpoints.length === replicas && enabled.length === replicas
    ? []
    : [`${app} has ${endpoints.length} endpoints of which ${enabled.length} are enabled, not ${replicas}`];
}
