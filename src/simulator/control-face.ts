/**
 * `/simulator/…`: what a person or a test does to the local Azure from outside, with no sign-in (it listens on loopback
 * only): push an image, ask for faults, make a group crash, set a secret, look at everything.
 */
import { z } from 'zod';
import type { Faults } from './faults.ts';
import type { ContainerGroups } from './groups.ts';
import { showGroup } from './group-shape.ts';
import type { Face, HttpAnswer, HttpRequest } from './http.ts';
import type { Images } from './images.ts';
import type { Locations } from './locations.ts';
import { showProfile } from './profile-shape.ts';
import type { Permissions } from './permissions.ts';
import { parseProgram } from './program.ts';
import type { Profiles } from './profiles.ts';
import type { Vaults } from './vaults.ts';
import type { Shares } from './shares.ts';

export interface ControlGiven {
  readonly images: Images;
  readonly faults: Faults;
  readonly groups: ContainerGroups;
  readonly profiles: Profiles;
  readonly vaults: Vaults;
  readonly locations: Locations;
  readonly permissions: Permissions;
  readonly registry: string;
  readonly shares: Shares;
}

const pushBody = z.strictObject({
  registry: z.string().optional(),
  repository: z.string().min(1),
  tag: z.string().min(1).max(128),
  program: z.record(z.string(), z.unknown()).default({}),
  platforms: z
    .array(z.strictObject({ os: z.string().min(1), architecture: z.string().min(1) }))
    .min(1)
    .max(10)
    .optional(),
});
const faultBody = z.strictObject({
  method: z.string().optional(),
  path: z.string(),
  status: z.number().int().min(0).max(599),
  code: z.string().optional(),
  message: z.string().optional(),
  body: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  delayMs: z.number().max(600_000).optional(),
  when: z.enum(['before', 'after']).optional(),
  times: z.number().int().min(1).optional(),
});
const trafficBody = z.strictObject({
  propagationMs: z.number().min(0).max(600_000).optional(),
  refuseSameLocation: z.boolean().optional(),
  nestedTtl: z.enum(['parent', 'child']).optional(),
});
const roleBody = z.strictObject({
  actions: z.array(z.string()),
  notActions: z.array(z.string()).default([]),
});
const permissionsBody = z.strictObject({ scope: z.string().startsWith('/subscriptions/'), roles: z.array(roleBody) });
const capabilityBody = z.strictObject({
  osType: z.string(),
  ipAddressType: z.string().default('Public'),
  gpu: z.string().default('None'),
  maxCpu: z.number(),
  maxMemoryInGB: z.number(),
  maxGpuCount: z.number().default(0),
});
const locationBody = z.strictObject({
  location: z.string(),
  quotas: z
    .array(
      z.strictObject({
        name: z.string(),
        limit: z.number().int().min(0).optional(),
        others: z.number().min(0).optional(),
      }),
    )
    .default([]),
  capabilities: z.array(capabilityBody).optional(),
});

const secretBody = z.strictObject({
  vault: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/),
  secret: z.string().regex(/^[0-9A-Za-z-]{1,127}$/),
  value: z.string().max(25_600),
  enabled: z.boolean().optional(),
  expires: z.number().int().optional(),
  notBefore: z.number().int().optional(),
});

export function controlFace(given: ControlGiven): Face {
  return (request) => {
    if (!request.path.startsWith('/simulator/')) return undefined;
    try {
      return answer(request, given);
    } catch (error) {
      const message =
        error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
      return { status: 400, json: { error: { code: 'InvalidRequestContent', message } } };
    }
  };
}

function answer(request: HttpRequest, given: ControlGiven): HttpAnswer {
  const [, , what = '', name = '', action = ''] = request.path.split('/');
  switch (`${request.method} ${what}`) {
    case 'POST images': {
      const { registry = given.registry, program, ...body } = pushBody.parse(JSON.parse(request.body));
      parseProgram(program);
      return { status: 201, json: given.images.push({ ...body, registry, program, at: Date.now() }) };
    }
    case 'POST secrets': {
      const { vault, secret, ...version } = secretBody.parse(JSON.parse(request.body));
      const { id } = given.vaults.set({ vault, secret, ...version });
      return { status: 201, json: { vault, secret, version: id } };
    }
    case 'POST faults':
      given.faults.add(faultBody.parse(JSON.parse(request.body)));
      return { status: 201, json: { faults: given.faults.list() } };
    case 'DELETE faults':
      given.faults.clear();
      return { status: 200, json: { faults: [] } };
    case 'POST traffic': {
      const { propagationMs, ...rules } = trafficBody.parse(JSON.parse(request.body));
      if (propagationMs !== undefined) given.profiles.delayPropagation(propagationMs);
      const { refuseSameLocation, nestedTtl } = given.profiles.setRules(rules);
      return { status: 200, json: { ...given.profiles.nameServers, refuseSameLocation, nestedTtl } };
    }
    case 'POST permissions': {
      const { scope, roles } = permissionsBody.parse(JSON.parse(request.body));
      given.permissions.restrict(scope, roles);
      return { status: 200, json: { scope, roles } };
    }
    case 'DELETE permissions':
      given.permissions.clear();
      return { status: 200, json: {} };
    case 'POST locations':
      return changeLocation(request, given);
    case 'POST groups':
      return changeGroup(given, name, action);
    case 'GET state':
      return { status: 200, json: showState(given) };
    default:
      return {
        status: 404,
        json: {
          error: {
            code: 'NotFound',
            message:
              'known: POST images, POST secrets, POST|DELETE faults, POST traffic, POST|DELETE permissions, POST locations, POST groups/{name}/{crash|degrade|heal|vanish|fail}, GET state',
          },
        },
      };
  }
}

function changeLocation(request: HttpRequest, { locations }: ControlGiven): HttpAnswer {
  const { location, quotas, capabilities } = locationBody.parse(JSON.parse(request.body));
  for (const quota of quotas) locations.setQuota(location, quota);
  if (capabilities !== undefined) locations.setCapabilities(location, capabilities);
  return { status: 200, json: { location, quotas, capabilities: locations.capabilities(location) } };
}

function changeGroup(given: ControlGiven, name: string, action: string): HttpAnswer {
  const group = given.groups.all().find((candidate) => candidate.key.name === name);
  if (group === undefined)
    return { status: 404, json: { error: { code: 'NotFound', message: `no container group ${name}` } } };
  switch (action) {
    case 'crash':
      given.groups.setProgram(group, { crash: true });
      break;
    case 'degrade':
      given.groups.setProgram(group, { healthy: false });
      break;
    case 'heal':
      given.groups.setProgram(group, { crash: false, healthy: true });
      break;
    case 'vanish':
      given.groups.remove(group.key);
      break;
    case 'fail':
      given.groups.fail(group, 'The requested resource is not available in the location at this moment.');
      break;
    default:
      throw new Error(`expected crash, degrade, heal, vanish or fail, got "${action}"`);
  }
  return { status: 200, json: { name, action } };
}

function showState({ groups, profiles, images, vaults, registry, shares }: ControlGiven) {
  const subscriptions = new Set(groups.all().map(({ key }) => key.subscription));
  const names = images.repositories(registry);
  return {
    groups: groups.all().map((group) => showGroup(group, { instanceView: true })),
    profiles: [...new Set([...subscriptions, '00000000-0000-0000-0000-000000000001'])].flatMap((id) =>
      profiles.list(id).map((profile) => showProfile(profile, { inList: false, find: profiles.byId })),
    ),
    vaults: vaults.list(),
    files: shares.list(),
    images: names.map((repository) => ({ repository, tags: images.tags(registry, repository) })),
  };
}
