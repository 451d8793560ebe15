/**
 * The body of a job's container group: one container that runs to completion, with the identity, the registry credentials
 * and the network of the app's template, and what it needs to find the candidate. Pure; secrets are still references here.
 */
import type { App, JsonObject } from '../model/app.ts';
import type { JobSource } from '../model/check.ts';
import { JOB_TAG, jobStackId, releaseTags } from '../model/ownership.ts';
import { imageReference } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import type { Effect } from '../rollout/effect.ts';
import { asList, asObject } from './json.ts';
import { documentFor } from './templates/variants.ts';

export interface RenderJobGiven {
  readonly app: App;
  readonly owner: string;
  readonly rolloutId: string;
  readonly job: Extract<Effect, { kind: 'createJob' }>;
}

/** What a job has in common with the groups of its app. */
const SHARED = ['imageRegistryCredentials', 'subnetIds', 'dnsConfig', 'osType', 'sku'];

export function renderJob(given: RenderJobGiven): JsonObject {
  const { app, job } = given;
  const document = documentFor(app.template.document, { location: job.group.location });
  const properties = asObject(document['properties']) ?? {};
  const shared = SHARED.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]]));
  const { identity, zones } = document;
  return {
    location: job.group.location,
    ...(identity === undefined ? {} : { identity }),
    ...(zones === undefined ? {} : { zones }),
    tags: { ...asObject(document['tags']), ...tagsOf(given) },
    properties: { ...Object.fromEntries(shared), restartPolicy: 'Never', containers: [containerOf(given, properties)] },
  };
}

/** The image of the release that a job runs; undefined where it is one of its own. */
export function releaseImage({ image }: Pick<JobSource, 'image'>, { images }: Release): ReleaseImage | undefined {
  return images.find(({ container }) => container === image) ?? (image === 'candidate' ? images[0] : undefined);
}

function containerOf({ app, rolloutId, job }: RenderJobGiven, properties: JsonObject): JsonObject {
  const { source, stack, phase, targets } = job;
  const { release } = stack;
  const own = releaseImage(source, release);
  const same = asList(properties['containers'])
    .map((container) => asObject(container))
    .find((container) => container?.['name'] === own?.container);
  const told = {
    VIRIDIAN_APP: app.name,
    VIRIDIAN_ROLLOUT: rolloutId,
    VIRIDIAN_RELEASE: release.id,
    VIRIDIAN_PHASE: phase,
    VIRIDIAN_TARGETS: targets.join(','),
  };
  return {
    name: source.container,
    properties: {
      image: own === undefined ? source.image : imageReference(own),
      ...(source.command === undefined ? {} : { command: source.command }),
      // The same program wants the same settings.
      environmentVariables: [
        ...asList(asObject(same?.['properties'])?.['environmentVariables']),
        ...Object.entries(told).map(([name, value]) => ({ name, value })),
      ],
      resources: { requests: { cpu: source.cpu, memoryInGB: source.memoryGb } },
    },
  };
}

function tagsOf({ app, owner, rolloutId, job }: RenderJobGiven): Record<string, string> {
  const tags = releaseTags(job.stack.release, { owner, app: app.name, stackId: jobStackId(rolloutId) });
  return { ...tags, [JOB_TAG]: job.check };
}
