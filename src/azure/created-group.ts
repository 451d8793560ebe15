/** What the answer to a PUT of a container group says of it, in ARM's wire shape: above all the name that it will have. */
import { z } from 'zod';
import type { ObservedGroup } from '../rollout/observation.ts';

const answer = z.object({
  name: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()).catch({}),
  properties: z.object({
    provisioningState: z.string(),
    ipAddress: z.object({ fqdn: z.string().optional(), ip: z.string().optional() }).optional(),
  }),
});

/** Undefined where it is no such answer: nothing is lost, as the group is looked at anyway. */
export function observeCreated(body: string | null | undefined): ObservedGroup | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) return undefined;
  const { name, location, tags, properties } = parsed.data;
  const { provisioningState, ipAddress } = properties;
  // It may be an answer to a group that was there, and then shows nothing of how that is.
  return {
    name,
    location: location.toLowerCase().replaceAll(' ', ''),
    tags,
    provisioningState,
    state: undefined,
    fqdn: ipAddress?.fqdn,
    ip: ipAddress?.ip,
    containers: [],
    warnings: [],
  };
}
