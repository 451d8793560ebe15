/** Microsoft.Network: Traffic Manager profiles and endpoints. Synchronous, no ETags, slashes escaped in JSON. */
import type { ArmCall, ArmGiven } from './arm-call.ts';
import { notFound } from './arm-call.ts';
import { ArmError, parseBody, asText } from './http.ts';
import type { HttpAnswer } from './http.ts';
import { showEndpoint, showProfile } from './profile-shape.ts';
import { kindOfType, TYPES } from './endpoint-body.ts';
import type { Endpoint, Profile } from './profile.ts';

export function answerProfiles(call: ArmCall, given: ArmGiven): HttpAnswer {
  const answer = answerAny(call, given);
  const headers = {
    'cache-control': 'private',
    server: 'Microsoft-IIS/10.0',
    'x-aspnet-version': '4.0.30319',
    'x-powered-by': 'ASP.NET',
    ...answer.headers,
  };
  if (answer.json === undefined) return { ...answer, headers };
  const text = JSON.stringify(answer.json).replaceAll('/', String.raw`\/`);
  return { status: answer.status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, text };
}

function answerAny(call: ArmCall, given: ArmGiven): HttpAnswer {
  const [kind = '', name, type, endpoint] = call.rest;
  if (kind.toLowerCase() === 'checktrafficmanagernameavailability') return checkName(call, given);
  if (kind.toLowerCase() !== 'trafficmanagerprofiles') throw notFound(call.request.path, call.resourceGroup);
  if (name === undefined) {
    const profiles = given.profiles.list(call.subscription, call.resourceGroup);
    return {
      status: 200,
      json: { value: profiles.map((profile) => showProfile(profile, { inList: true, find: given.profiles.byId })) },
    };
  }
  const key = { subscription: call.subscription, resourceGroup: call.resourceGroup ?? '', name };
  if (type === undefined) return answerProfile(call, given, key);
  const profile = given.profiles.get(key);
  if (profile === undefined) throw missingProfile(call, name);
  return answerEndpoint(call, given, { profile, type, name: endpoint ?? '' });
}

function answerProfile(
  call: ArmCall,
  given: ArmGiven,
  key: { subscription: string; resourceGroup: string; name: string },
): HttpAnswer {
  const { method } = call.request;
  const headers = { 'x-ms-ratelimit-remaining-subscription-resource-requests': '10799' };
  if (method === 'PUT') {
    const { profile, isNew } = given.profiles.put(key, parseBody(call.request));
    return {
      status: isNew ? 201 : 200,
      headers,
      json: showProfile(profile, { inList: false, find: given.profiles.byId }),
    };
  }
  const profile = given.profiles.get(key);
  if (profile === undefined && method === 'DELETE') return { status: 204 };
  if (profile === undefined) throw missingProfile(call, key.name);
  switch (method) {
    case 'GET':
      return { status: 200, headers, json: showProfile(profile, { inList: false, find: given.profiles.byId }) };
    case 'PATCH':
      given.profiles.patch(profile, parseBody(call.request));
      return { status: 200, headers, json: showProfile(profile, { inList: false, find: given.profiles.byId }) };
    case 'DELETE':
      given.profiles.remove(profile);
      return { status: 200, headers: { 'content-length': '0' } };
    default:
      throw new ArmError(405, 'MethodNotAllowed', `The method ${method} is not allowed here.`);
  }
}

function answerEndpoint(
  call: ArmCall,
  given: ArmGiven,
  { profile, type, name }: { profile: Profile; type: string; name: string },
): HttpAnswer {
  const { method } = call.request;
  const kind = kindOfType(type);
  const any = profile.endpoints.get(name.toLowerCase());
  const found = any?.kind === kind ? any : undefined;
  const headers = { 'x-ms-ratelimit-remaining-subscription-writes': '1198' };
  if (method === 'PUT') {
    const endpoint = given.profiles.replaceEndpoint(profile, name, { body: parseBody(call.request), kind: type });
    return { status: 201, headers, json: withNestedProfile(showEndpoint(profile, endpoint, given.profiles.byId)) };
  }
  if (found === undefined && method === 'DELETE') return { status: 204 };
  if (found === undefined) return missingEndpoint(profile, { name, type: TYPES[kind] });
  return answerFound(call, given, { profile, found });
}

function answerFound(call: ArmCall, given: ArmGiven, at: { profile: Profile; found: Endpoint }): HttpAnswer {
  const { profile, found } = at;
  switch (call.request.method) {
    case 'GET':
      return { status: 200, json: showEndpoint(profile, found, given.profiles.byId) };
    case 'PATCH': {
      const endpoint = given.profiles.putEndpoint(profile, found.name, parseBody(call.request));
      return { status: 200, json: showEndpoint(profile, endpoint, given.profiles.byId) };
    }
    case 'DELETE':
      given.profiles.removeEndpoint(profile, found.name);
      return {
        status: 200,
        headers: { 'x-ms-ratelimit-remaining-subscription-deletes': '14999', 'content-length': '0' },
      };
    default:
      throw new ArmError(405, 'MethodNotAllowed', `The method ${call.request.method} is not allowed here.`);
  }
}

/** A key that no specification has, and that the real answers carry. */
function withNestedProfile(endpoint: Record<string, unknown>): Record<string, unknown> {
  // oxlint-disable-next-line unicorn/no-null -- as recorded
  return { ...endpoint, properties: { ...Object(endpoint['properties']), NestedProfile: null } };
}

/** Not wrapped in `error`, as API versions of 2022 answer. */
function missingEndpoint(profile: Profile, { name, type }: { name: string; type: string }): HttpAnswer {
  const message = `The endpoint '${name}' of type '${type.toLowerCase()}' does not exist in the profile '${profile.name}'.`;
  return { status: 404, json: { code: 'NotFound', message } };
}

function missingProfile(call: ArmCall, name: string): ArmError {
  return notFound(`Microsoft.Network/trafficManagerProfiles/${name}`, call.resourceGroup);
}

function checkName(call: ArmCall, given: ArmGiven): HttpAnswer {
  const name = asText(parseBody(call.request)['name'], '');
  const base = { name, type: 'Microsoft.Network/trafficManagerProfiles' };
  if (given.profiles.isNameFree(name)) return { status: 200, json: { ...base, nameAvailable: true } };
  const message = `Domain name ${name}.trafficmanager.net already exists. Please choose a different DNS prefix.`;
  return { status: 200, json: { ...base, nameAvailable: false, reason: 'AlreadyExists', message } };
}
