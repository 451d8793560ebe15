/**
 * Every secret that a config refers to, but those of registries and of the identity, which are told by what is asked with
 * them. Only where they are and whether they can be read is told. Pure.
 */
import { dirname } from 'node:path';
import { asSecretReference, findSecrets } from '../config/secret-places.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { SecretReference } from '../model/app.ts';
import type { CheckSource } from '../model/check.ts';
import { fail, fine, splitAdvice } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';
import type { SecretAddress } from './world.ts';

export interface WantedSecret extends SecretAddress {
  /** Where in the config or template it stands. */
  readonly title: string;
  /** Characters. */
  readonly least: number;
}

/** As the API refuses shorter ones. */
const LEAST_OF_TOKENS = 16;

export function secretsOfConfig({ file, push, api, notify = [] }: Settings): readonly WantedSecret[] {
  const folder = dirname(file);
  const one = (title: string, reference: SecretReference | undefined, least = 1) =>
    reference === undefined ? [] : [{ title, reference, folder, least }];
  return [
    ...one('push.secret', push?.secret),
    ...(api?.tokens ?? []).flatMap(({ name, token }) => one(`api.tokens of ${name}`, token, LEAST_OF_TOKENS)),
    ...notify.flatMap(({ secret }, index) => one(`notify[${index}].secret`, secret)),
  ];
}

export function secretsOfApp({ template, rollout }: App, file: string): readonly WantedSecret[] {
  const { before = [], after = [] } = rollout.checks ?? {};
  const drain = rollout.drainUntil === undefined ? [] : [rollout.drainUntil.check];
  const ofChecks = [...before, ...after, ...drain].flatMap(({ name, source }) => {
    const reference = secretOfCheck(source);
    return reference === undefined ? [] : [{ title: `check ${name}`, reference, folder: dirname(file), least: 1 }];
  });
  const ofTemplate = findSecrets(template.document).flatMap(({ path, value }) => {
    const reference = asSecretReference(value);
    return reference === undefined ? [] : [{ title: path, reference, folder: dirname(template.file), least: 1 }];
  });
  return [...ofTemplate, ...ofChecks];
}

function secretOfCheck(source: CheckSource): SecretReference | undefined {
  return source.kind === 'webhook' || source.kind === 'prometheus' ? source.secret : undefined;
}

/** None where there are no secrets. */
export function judgeSecrets(
  secrets: readonly { readonly wanted: WantedSecret; readonly looked: Looked<number> }[],
  place: Place,
): readonly PreflightLine[] {
  const bad = secrets.flatMap(({ wanted: { title, least }, looked }) => {
    if (!looked.known) {
      const { message, advice } = splitAdvice(looked.reason, 'set it where the daemon runs');
      return [fail(place, `${title}: ${message}`, advice)];
    }
    if (looked.value >= least) return [];
    return [
      fail(
        place,
        `${title} has ${looked.value} characters, expected ${least} at least`,
        'use a longer one, such as that of: openssl rand -hex 32',
      ),
    ];
  });
  if (bad.length > 0 || secrets.length === 0) return bad;
  return [fine(place, `${secrets.length} of ${secrets.length} can be read`)];
}

/** Those that can only be read as the identity of the daemon. */
export function needsAzure(reference: SecretReference): boolean {
  if ('keyVault' in reference) return true;
  return 'join' in reference && reference.join.some((part) => typeof part !== 'string' && needsAzure(part));
}
