/** The security context of a container, with what it takes over from that of its pod. */
import type { JsonObject } from '../../model/app.ts';
import { present } from '../json.ts';
import { CAPABILITIES_SHAPE, SECCOMP_SHAPE, SECURITY_SHAPE } from './kubernetes-container-shape.ts';
import type { Fields } from './kubernetes-fields.ts';

const LARGEST_ID = 2 ** 31 - 1;

/** `pod`: the context of the pod, read by its own shape. Undefined where nothing is asked for. */
export function toSecurityContext(container: Fields, pod: Fields | undefined): JsonObject | undefined {
  const own = container.object('securityContext', SECURITY_SHAPE);
  const id = (key: string) => own?.integer(key, 0, LARGEST_ID) ?? pod?.integer(key, 0, LARGEST_ID);
  const runAsUser = id('runAsUser');
  const capabilities = own?.object('capabilities', CAPABILITIES_SHAPE);
  const listed = (key: string) =>
    capabilities?.has(key) === true ? capabilities.texts(key).map(({ value }) => value) : undefined;
  for (const context of [own, pod]) if (context !== undefined) refuseProfile(context);
  const rooted = own?.boolean('runAsNonRoot') === undefined ? pod : own;
  if (rooted?.boolean('runAsNonRoot') === true && (runAsUser ?? 0) === 0) {
    const message = `${rooted.pathOf('runAsNonRoot')} is refused: Container Instances does not look at the user of an image`;
    rooted.report.refuse(rooted.keyPlaceOf('runAsNonRoot'), message, 'give a runAsUser above 0');
  }
  const found = present({
    privileged: own?.boolean('privileged'),
    allowPrivilegeEscalation: own?.boolean('allowPrivilegeEscalation'),
    capabilities: capabilities === undefined ? undefined : present({ add: listed('add'), drop: listed('drop') }),
    runAsUser,
    runAsGroup: id('runAsGroup'),
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

function refuseProfile(context: Fields): void {
  const profile = context.object('seccompProfile', SECCOMP_SHAPE);
  const type = profile?.choice('type', ['RuntimeDefault', 'Localhost', 'Unconfined']);
  if (profile === undefined || type === undefined || type === 'RuntimeDefault') return;
  profile.report.refuse(
    profile.placeOf('type'),
    `${profile.pathOf('type')} is refused: a group has the profile of its runtime`,
  );
}
