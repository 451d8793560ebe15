/**
 * The whole look before the first rollout: asks the world what the judges need, and gives their lines, in order. What cannot
 * be asked without a token is left out where there is none: that alone is told.
 */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { judgeIdentity } from './identity.ts';
import { judgeNames } from './judge-names.ts';
import { judgePull } from './judge-pull.ts';
import { byApp, fail, splitAdvice } from './line.ts';
import type { PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';
import { lookAtRelease, lookAtRepositories } from './look-at-images.ts';
import { lookAtLocations } from './look-at-locations.ts';
import { lookAtProfiles } from './look-at-profiles.ts';
import { lookAtRights } from './look-at-rights.ts';
import { judgeSecrets, needsAzure, secretsOfApp, secretsOfConfig } from './secrets.ts';
import type { WantedSecret } from './secrets.ts';
import type { Asking, World } from './world.ts';

export async function lookBefore(settings: Settings, world: World): Promise<readonly PreflightLine[]> {
  const who = await world.who();
  const principal = (who.known ? (who.value.object ?? who.value.client) : undefined) ?? 'PRINCIPAL';
  const asking: Asking = { settings, world, hasToken: who.known, principal };
  const { lines: rights, unreadable } = await lookAtRights(asking);
  const lines = await Promise.all([
    lookAtState(asking),
    lookAtSecrets(secretsOfConfig(settings), { subject: 'secrets' }, asking),
    lookAtRepositories(asking),
    lookAtLocations(asking),
    ...settings.apps.map((app) => lookAtApp(app, asking, unreadable)),
  ]);
  return byApp(
    [judgeIdentity(settings.cloud.credential, who), ...rights, ...lines.flat()],
    settings.apps.map(({ name }) => name),
  );
}

/** Its place first; where that can be used, what it holds of each app. */
async function lookAtState({ settings, world, hasToken }: Asking): Promise<readonly PreflightLine[]> {
  if (!hasToken && settings.state.kind !== 'folder') return [];
  const line = await world.state();
  if (line.level !== 'ok') return [line];
  const damaged = await Promise.all(settings.apps.map(async ({ name }) => judgeStored(name, await world.live(name))));
  return [line, ...damaged.flat()];
}

function judgeStored(app: string, looked: Looked<unknown>): readonly PreflightLine[] {
  if (looked.known) return [];
  const { message, advice } = splitAdvice(
    looked.reason,
    'see docs/operations.md, and the rights on the place of the state',
  );
  return [fail({ subject: 'state', app }, message, advice)];
}

async function lookAtApp(app: App, asking: Asking, unreadable: ReadonlySet<string>): Promise<readonly PreflightLine[]> {
  const { file, registries } = asking.settings;
  return [
    ...(await lookAtRelease(app, asking)),
    ...(await lookAtProfiles(app, asking, unreadable)),
    ...judgeNames(app),
    ...judgePull(app, registries),
    ...(await lookAtSecrets(secretsOfApp(app, file), { subject: 'secrets', app: app.name }, asking)),
  ];
}

async function lookAtSecrets(
  secrets: readonly WantedSecret[],
  place: { readonly subject: string; readonly app?: string },
  { world, hasToken }: Asking,
): Promise<readonly PreflightLine[]> {
  const readable = secrets.filter(({ reference }) => hasToken || !needsAzure(reference));
  const looked = await Promise.all(readable.map(async (wanted) => ({ wanted, looked: await world.secret(wanted) })));
  return judgeSecrets(looked, place);
}
