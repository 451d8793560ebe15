/**
 * `viridian render APP`: the container groups that a rollout would make, as Azure would get them, with secrets as
 * references or masked. Asks nobody: the id of the rollout and the digests of followed images are not known yet.
 */
import { stringify } from 'yaml';
import { renderGroup } from '../config/render.ts';
import { mapSecrets } from '../config/secret-places.ts';
import type { Settings } from '../config/settings.ts';
import type { App, JsonObject } from '../model/app.ts';
import { endpointName, groupName } from '../model/ownership.ts';
import { appOrTell, loadOrTell } from './settings-of.ts';
import type { TextOutput } from './validate.ts';

export interface RenderCommand {
  readonly app: string;
  readonly config: string;
  /** Undefined: every group of the app. */
  readonly location: string | undefined;
  readonly replica: number | undefined;
  readonly json: boolean;
}

/** In place of the id that the rollout will have. */
const STACK = '00000000';
/** In place of the digest of the tag that the policy will choose. */
const DIGEST = 'DIGEST';
const TAG = 'TAG';
const NOTE = `# ${STACK} stands for the id of the rollout, ${TAG} and ${DIGEST} for those of the image that its policy chooses.\n`;
const MASK = '***';

/** Exit status: 0, or 2 where the config is wrong or has no such app or group. */
export function render({ app: name, config, location, replica, json }: RenderCommand, output: TextOutput): number {
  const loaded = loadOrTell(config, output);
  if (loaded === undefined) return 2;
  const { settings, warnings } = loaded;
  for (const warning of warnings) output.err(`warning: ${warning}`);
  const app = appOrTell(name, { config, settings }, output);
  if (app === undefined) return 2;
  const groups = placesOf(app).filter(
    (place) => (location ?? place.location) === place.location && (replica ?? place.replica) === place.replica,
  );
  if (groups.length === 0) {
    const known = `${app.locations.join(', ')}, replicas 1 to ${app.replicas}`;
    output.err(`viridian: app ${name} has no such group; expected one of ${known}`);
    return 2;
  }
  const bodies = groups.map((place) => bodyOf(settings, app, place));
  const documents = () => bodies.map((body) => stringify(body, { lineWidth: 0 })).join('---\n');
  output.out(json ? JSON.stringify(bodies) : `${NOTE}${documents()}`.trimEnd());
  return 0;
}

interface GroupPlace {
  readonly location: string;
  readonly replica: number;
}

function placesOf({ locations, replicas }: App): readonly GroupPlace[] {
  return locations.flatMap((location) =>
    Array.from({ length: replicas }, (_, index) => ({ location, replica: index + 1 })),
  );
}

function bodyOf({ owner }: Settings, app: App, { location, replica }: GroupPlace): JsonObject {
  const name = groupName(app.name, STACK, location, replica);
  const group = { name, location, replica, endpoint: endpointName(owner, name) };
  const images = app.images.map(({ container, registry, repository }) => ({
    container,
    registry,
    repository,
    tag: TAG,
    digest: DIGEST,
  }));
  const release = { id: STACK, templateHash: app.template.hash, images };
  const body = renderGroup({ app, owner, release, group, stackId: STACK });
  return { name, ...mapSecrets(body, (value) => (typeof value === 'string' ? MASK : value)) };
}
