/** The world that a look before the first rollout asks, over the edges that the daemon has: reads alone. */
import type { TokenCredential } from '@azure/core-auth';
import type { CloudSettings } from '../azure/cloud.ts';
import { Survey } from '../azure/survey.ts';
import type { Settings } from '../config/settings.ts';
import type { ImageSource } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { whoIn } from '../preflight/identity.ts';
import type { Who } from '../preflight/identity.ts';
import type { Looked } from '../preflight/looked.ts';
import type { ProfileAddress, SecretAddress, World } from '../preflight/world.ts';
import type { OpenedRepository } from '../registry/open.ts';
import type { Seen } from '../rollout/observation.ts';
import { joinEdges } from './edges.ts';
import { readAppState, viewState } from './live-release.ts';
import { lookAtState } from './preflight-state.ts';
import { SharedLooks } from './shared-looks.ts';

type Edges = Awaited<ReturnType<typeof joinEdges>>;

export async function openWorld(settings: Settings): Promise<World> {
  const { edges, refusal } = await edgesOf(settings);
  const { cloud, state } = settings;
  const { credential, azure, clock } = edges;
  const looks = new SharedLooks(clock);
  const survey = new Survey({ cloud, credential, clock, onUnknownError: () => undefined });
  const repositories = openRepositories(settings, edges);
  const store = viewState(state, credential);
  store.catch(() => undefined);
  const tags = looks.share(repositoryName, async (source: ImageSource) => known(await repositories(source).listTags()));
  const who = looks.share(
    () => '',
    async ({ audience }: CloudSettings) =>
      refusal === undefined ? askWho(credential, audience) : { known: false, reason: refusal },
  );
  return {
    now: clock.now(),
    who: () => who(cloud),
    permissions: looks.share(
      (id: string) => id,
      (id) => survey.permissions(id),
    ),
    groups: looks.share(
      (name: string) => name,
      async (name) => fromSeen(await azure.listGroups(name)),
    ),
    profile: looks.share(
      ({ resourceGroup, profile }: ProfileAddress) => `${resourceGroup}/${profile}`,
      async ({ resourceGroup, profile }) => fromSeen(await azure.getProfile(resourceGroup, profile)),
    ),
    usages: looks.share(
      (location: string) => location,
      (location) => survey.usages(location),
    ),
    capabilities: looks.share(
      (location: string) => location,
      (location) => survey.capabilities(location),
    ),
    tags: async (source) => {
      const list = await tags(source);
      if (list.known) return list.value;
      const { reason } = list;
      return {
        kind: 'unknown',
        reason: `${repositoryName(source)}: ${reason}`,
        stalled: false,
        retryAfterMs: undefined,
      };
    },
    digest: looks.share(
      ({ source, tag }: { source: ImageSource; tag: string }) => `${repositoryName(source)}:${tag}`,
      async ({ source, tag }) => known(await repositories(source).resolveDigest(tag)),
    ),
    live: looks.share(
      (app: string) => app,
      async (app) => known((await readAppState(app, await store))?.live),
    ),
    state: () => lookAtState(state, credential),
    secret: looks.share(
      ({ reference, folder }: SecretAddress) => `${folder} ${JSON.stringify(reference)}`,
      async ({ reference, folder }) => known((await edges.readSecretIn(folder, reference)).length),
    ),
  };
}

/** Where the credential refers to a secret that cannot be read, all that needs none is looked at all the same. */
async function edgesOf(settings: Settings): Promise<{ readonly edges: Edges; readonly refusal: string | undefined }> {
  try {
    return { edges: await joinEdges(settings), refusal: undefined };
  } catch (error) {
    if (!(error instanceof StalledError)) throw error;
    const cloud = { ...settings.cloud, credential: { kind: 'environment' as const } };
    return { edges: await joinEdges({ ...settings, cloud }), refusal: error.message };
  }
}

/** Of the token only what says whose it is. */
async function askWho(credential: TokenCredential, audience: string): Promise<Looked<Who>> {
  const token = await credential.getToken(`${audience}/.default`);
  return token === null ? { known: false, reason: 'none is given' } : known(whoIn(token.token));
}

/** Each opened once, with the tags that policies follow by their digest. */
function openRepositories({ apps, registries }: Settings, { openRepository }: Edges) {
  const opened = new Map<string, OpenedRepository>();
  const open = (source: ImageSource): OpenedRepository => {
    const place = registries.find(({ host }) => host === source.registry);
    if (place === undefined) throw new Error(`registry ${source.registry} is not in the config`);
    const repository = opened.get(repositoryName(source)) ?? openRepository(place, source.repository);
    opened.set(repositoryName(source), repository);
    return repository;
  };
  for (const source of apps.flatMap(({ images }) => images)) {
    if (source.policy.kind === 'digest') open(source).want?.(source.policy.tag);
  }
  return open;
}

function repositoryName({ registry, repository }: ImageSource): string {
  return `${registry}/${repository}`;
}

function known<T>(value: T): Looked<T> {
  return { known: true, value };
}

function fromSeen<T>(seen: Seen<T>): Looked<T> {
  return seen.known ? known(seen.value) : { known: false, reason: seen.reason };
}
