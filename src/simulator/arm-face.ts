/**
 * Azure Resource Manager's face: who may ask, which API versions, resource groups, and the way to the two providers.
 * Paths are matched in any letter case and with doubled slashes, as other clients write them.
 */
import { randomUUID } from 'node:crypto';
import { answerGroups } from './arm-groups.ts';
import { answerProfiles } from './arm-profiles.ts';
import type { ArmCall, ArmGiven } from './arm-call.ts';
import { notFound } from './arm-call.ts';
import { ArmError, errorAnswer } from './http.ts';
import type { Face, HttpAnswer, HttpRequest } from './http.ts';

const SCOPE = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?\/providers\/([^/]+)\/(.+)$/i;

const PERMISSIONS = /^(\/subscriptions\/.+)\/providers\/microsoft\.authorization\/permissions$/i;

export function armFace(given: ArmGiven): Face {
  return async (request) => {
    if (!/^\/(subscriptions|providers|tenants)(\/|$)/i.test(request.path)) return undefined;
    let answer: HttpAnswer;
    try {
      answer = route(request, given);
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      answer = errorAnswer(error);
    }
    return { ...answer, headers: { ...commonHeaders(request, given.newId ?? randomUUID), ...answer.headers } };
  };
}

function route(request: HttpRequest, given: ArmGiven): HttpAnswer {
  if (!given.isAuthorized(request.headers['authorization'])) {
    throw new ArmError(
      401,
      'AuthenticationFailed',
      'Authentication failed. The Authorization header is missing or its token is not valid.',
      {
        'www-authenticate': `Bearer authorization_uri="${request.base}/common", error="invalid_token"`,
      },
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}(-\w+)?$/.test(request.query.get('api-version') ?? '')) {
    throw new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  const match = SCOPE.exec(request.path);
  const [, subscription = '', resourceGroup, namespace = '', rest = ''] = match ?? [];
  const call: ArmCall = {
    request,
    subscription: subscription.toLowerCase(),
    resourceGroup: resourceGroup === undefined ? undefined : decodeURIComponent(resourceGroup),
    rest: rest.split('/').filter(Boolean).map(decodeURIComponent),
  };
  const permitted = PERMISSIONS.exec(request.path)?.[1];
  if (permitted !== undefined) return answerPermissions(decodeURIComponent(permitted), given);
  const provider = /^\/providers\/Microsoft\.Network\/(.+)$/i.exec(request.path);
  if (provider !== null) return answerProfiles({ ...call, rest: (provider[1] ?? '').split('/') }, given);
  if (match === null) return answerScopes(request);
  switch (namespace.toLowerCase()) {
    case 'microsoft.containerinstance':
      return answerGroups(call, given);
    case 'microsoft.network':
      return answerProfiles(call, given);
    default:
      throw new ArmError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  }
}

/** Of who asks, on a resource group or a resource: roles of the scopes above count, too. */
function answerPermissions(id: string, { permissions }: ArmGiven): HttpAnswer {
  const value = permissions.on(id).map((role) => ({ ...role, dataActions: [], notDataActions: [] }));
  return { status: 200, json: { value } };
}

/** Subscriptions and resource groups: any may be named, each is simply there. */
function answerScopes(request: HttpRequest): HttpAnswer {
  const [, subscription, group] =
    /^\/subscriptions(?:\/([^/]+)(?:\/resourcegroups(?:\/([^/]+))?)?)?$/i.exec(request.path) ?? [];
  if (group !== undefined && subscription !== undefined) {
    if (request.method === 'HEAD') return { status: 204 };
    return {
      status: request.method === 'PUT' ? 201 : 200,
      json: showResourceGroup(subscription, decodeURIComponent(group)),
    };
  }
  if (/\/resourcegroups$/i.test(request.path)) return { status: 200, json: { value: [] } };
  if (subscription !== undefined) return { status: 200, json: showSubscription(subscription) };
  if (/^\/subscriptions$/i.test(request.path))
    return { status: 200, json: { value: [showSubscription('00000000-0000-0000-0000-000000000001')] } };
  if (/^\/tenants$/i.test(request.path))
    return {
      status: 200,
      json: { value: [{ id: '/tenants/local', tenantId: '33333333-3333-3333-3333-333333333333' }] },
    };
  throw notFound(request.path, 'none');
}

function showResourceGroup(subscription: string, name: string) {
  const id = `/subscriptions/${subscription}/resourceGroups/${name}`;
  return {
    id,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location: 'westeurope',
    properties: { provisioningState: 'Succeeded' },
  };
}

function showSubscription(subscriptionId: string) {
  const tenantId = '33333333-3333-3333-3333-333333333333';
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: 'Local Azure',
    state: 'Enabled',
  };
}

function commonHeaders(request: HttpRequest, newId: () => string): Record<string, string> {
  const id = newId();
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': id,
    'x-ms-correlation-request-id': request.headers['x-ms-correlation-request-id'] ?? id,
    'x-ms-routing-request-id': `LOCAL:${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}:${id}`,
  };
}
