/** What has left the config, at the end of a seed: all of it is gone, or what was live is there as it was. */
import { appIn } from './configs.ts';
import type { AppOptions } from './options.ts';
import { isOwnEndpoint } from './own-endpoint.ts';
import { readStored } from './stored-app.ts';
import type { Leftover, TidyGiven } from './tidiness.ts';
import { ownerOf } from './truth.ts';

export function removedLeftovers(given: TidyGiven): Leftover[] {
  const { configs, documents } = given;
  const { newest } = configs;
  return configs.everyApp.flatMap((app): Leftover[] => {
    // One that a later config brings, or has never brought, is none of them.
    if (appIn(newest, app.name) !== undefined || configs.history(app.name).length === 0) return [];
    const stored = documents.peek(app.name);
    // Nobody knows of it any more where the state was lost, and nobody can say anything of what was paused.
    if (stored === undefined || given.ledger.page(app.name).pausedAt !== undefined) return [];
    const { rollout } = readStored(stored.state);
    if (rollout !== undefined)
      return [{ rule: 'R10', message: `${app.name} has left the config, and rollout ${rollout.id} is under way` }];
    return newest.onRemoval === 'retire' ? retired(given, app) : kept(given, app);
  });
}

function retired(given: TidyGiven, app: AppOptions): Leftover[] {
  const { name, hasTraffic } = app;
  const { azure, owner, documents, judgeConfig } = given;
  const groups = azure.groups
    .all()
    .filter((group) => ownerOf(group) === owner && group.key.name.startsWith(`${name}-`))
    .map(({ key }) => key.name);
  const profile = hasTraffic === false ? undefined : azure.profile(name);
  const endpoints = [...(profile?.endpoints.values() ?? [])]
    .map((endpoint) => endpoint.name)
    .filter((endpoint) => isOwnEndpoint(owner, app, endpoint) && !judgeConfig.isNobodys(app, endpoint));
  const { live } = readStored(documents.peek(name)?.state);
  const there = [...groups, ...endpoints, ...(live === undefined ? [] : [`a live stack ${live.id} in its state`])];
  if (there.length === 0) return [];
  return [{ rule: 'R8', message: `${name} has left the config, and is to be gone: there is ${there.join(', ')}` }];
}

/** Nobody mends it where the world has broken anything. */
function kept(given: TidyGiven, { name, hasTraffic, hasProbe }: AppOptions): Leftover[] {
  const { azure, documents, truth } = given;
  const { live } = readStored(documents.peek(name)?.state);
  if (live === undefined || truth.hasBroken(name)) return [];
  const isBlind = hasTraffic === false && hasProbe === false;
  const enabled = [...(azure.profile(name)?.endpoints.values() ?? [])].filter((endpoint) => endpoint.enabled);
  const lacking = live.groups.filter((group) => {
    const found = azure.groups.all().find(({ key }) => key.name === group.name);
    const runs = found !== undefined && (isBlind ? azure.runs(found) : azure.serves(found));
    const isLed = hasTraffic === false || enabled.some(({ target }) => azure.groupBehind(target) === found);
    return !runs || !isLed;
  });
  if (lacking.length === 0) return [];
  const names = lacking.map((group) => group.name).join(', ');
  return [{ rule: 'R10', message: `${name} has left the config, and is to stay as it was: ${names} does not serve` }];
}
