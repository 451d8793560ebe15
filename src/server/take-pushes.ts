/** Joins the server that takes pushes to a daemon's config. */
import type { Settings } from '../config/settings.ts';
import type { TakePushes } from '../controller/ports.ts';
import type { Clock } from '../model/time.ts';
import type { SecretReference } from '../model/app.ts';
import { followedRepositories } from './followed.ts';
import type { PushedImage } from './push-body.ts';
import type { PushServerGiven } from './push-server.ts';

/** Undefined where the config does not ask for it. `current`: the settings that count now, those given where absent. */
export function takePushesOf(
  settings: Settings,
  given: {
    current?: () => Settings;
    clock: Clock;
    readSecret: (reference: SecretReference) => Promise<string>;
    events: PushServerGiven['events'];
  },
): TakePushes | undefined {
  const { push } = settings;
  if (push === undefined) return undefined;
  const { current = () => settings } = given;
  let known = { settings, followed: followedRepositories(settings) };
  const followed = (image: PushedImage) => {
    const now = current();
    if (now !== known.settings) known = { settings: now, followed: followedRepositories(now) };
    return known.followed(image);
  };
  const readSecret = () => given.readSecret(push.secret);
  return async (wake, signal) => {
    // Fastify costs memory, which a daemon that only polls need not pay for.
    const { startPushServer } = await import('./push-server.ts');
    return startPushServer({ ...given, settings: push, followed, readSecret, wake }, signal);
  };
}
