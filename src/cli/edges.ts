/** Joins the edges that a config asks for: Azure, registries, secrets, clock and chance. */
import { dirname, resolve } from 'node:path';
import { connectAzure } from '../azure/connect.ts';
import { RequestCounter } from '../azure/request-counter.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import { makeCredential } from '../azure/credential.ts';
import { KeyVaults } from '../azure/key-vaults.ts';
import { renderGroup } from '../config/render.ts';
import { readSecret, resolveSecrets, secretValues } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import { renderJob } from '../config/render-job.ts';
import type { ReadSecrets, RenderGroup, RenderJob } from '../controller/ports.ts';
import type { GroupTemplate, SecretReference, VaultSecret } from '../model/app.ts';
import { scheduleCron } from '../registry/cron.ts';
import { openRegistries } from '../registry/open.ts';
import { systemClock } from '../runtime/clock.ts';
import { newRolloutId } from '../runtime/random.ts';
import { trustFile } from '../runtime/trust.ts';
import { makeMeasure } from './measure.ts';

export interface EdgesGiven {
  readonly onUnknownError?: (error: UnknownError) => void;
  /** How many daemons draw on the limits of the subscription. */
  readonly share?: () => number;
}

export async function joinEdges(
  settings: Settings,
  { onUnknownError = () => undefined, share = () => 1 }: EdgesGiven = {},
) {
  const { cloud } = settings;
  if (cloud.caFile !== undefined) trustFile(cloud.caFile);
  const env = process.env;
  const configFolder = dirname(settings.file);
  // What the daemon signs in with comes from no vault.
  const credential = await makeCredential(cloud, (reference) => readSecret(reference, { folder: configFolder, env }));
  const vaults = new KeyVaults({ credential, clock: systemClock, endpoint: cloud.keyVault?.endpoint });
  const secret = (reference: SecretReference) => readSecret(reference, { folder: configFolder, env, vaults });
  const sourceOf = ({ file, folder }: GroupTemplate) => ({
    folder: folder === undefined ? dirname(file) : resolve(configFolder, folder),
    env,
    vaults,
  });
  const render: RenderGroup = (given) =>
    resolveSecrets(renderGroup({ ...given, owner: settings.owner }), sourceOf(given.app.template));
  const counter = new RequestCounter();
  const renderOneJob: RenderJob = (given) =>
    resolveSecrets(renderJob({ ...given, owner: settings.owner }), sourceOf(given.app.template));
  const readSecrets: ReadSecrets = ({ template }) => secretValues(template.document, sourceOf(template));
  return {
    credential,
    azure: connectAzure({ cloud, credential, clock: systemClock, onUnknownError, share, counter }),
    takeRequests: (app: string) => counter.take(app),
    clock: systemClock,
    readSecret: secret,
    readSecretIn: (folder: string, reference: SecretReference) => readSecret(reference, { folder, env, vaults }),
    measure: makeMeasure({ nameServers: cloud.nameServers, readSecret: secret, credential, clock: systemClock }),
    random: Math.random,
    newId: newRolloutId,
    render,
    renderJob: renderOneJob,
    readSecrets,
    newestVersion: (asked: VaultSecret) => vaults.newestVersion(asked),
    schedule: scheduleCron,
    openRepository: openRegistries({
      credential,
      audience: cloud.audience,
      readSecret: secret,
      onUnknownError,
      now: () => systemClock.now(),
    }),
  };
}
