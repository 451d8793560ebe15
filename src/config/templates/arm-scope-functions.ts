/**
 * Functions of ARM templates that tell where a template is deployed, and that make ids of resources. Only what Viridian
 * knows is in them: it makes container groups itself, there is no deployment in Azure.
 */
import { ANY_NUMBER, textArg } from './arm-function.ts';
import type { ArmFunction, ArmWorld } from './arm-function.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmValue } from './arm-value.ts';

export const SCOPE_FUNCTIONS: readonly ArmFunction[] = [
  { name: 'deployment', takes: [0, 0], run: (_, { deployment }) => ({ name: deployment }) },
  { name: 'environment', takes: [0, 0], run: () => PUBLIC_CLOUD },
  { name: 'extensionResourceId', takes: [3, ANY_NUMBER], run: extensionId },
  { name: 'resourceGroup', takes: [0, 0], run: (_, world) => resourceGroup(world) },
  { name: 'resourceId', takes: [2, ANY_NUMBER], run: resourceId },
  {
    name: 'subscription',
    takes: [0, 0],
    run: (_, { place }) => ({ id: `/subscriptions/${place.subscription}`, subscriptionId: place.subscription }),
  },
  { name: 'subscriptionResourceId', takes: [2, ANY_NUMBER], run: subscriptionId },
  { name: 'tenantResourceId', takes: [2, ANY_NUMBER], run: (args) => providerPath(texts(args)) },
];

/** The location is the group's own: an app with several asks once for each. */
function resourceGroup({ place }: ArmWorld): ArmValue {
  return {
    id: `/subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}`,
    name: place.resourceGroup,
    type: 'Microsoft.Resources/resourceGroups',
    location: place.location,
    properties: { provisioningState: 'Succeeded' },
  };
}

function texts(args: readonly ArmValue[]): string[] {
  return args.map((_, index) => textArg(args, index));
}

/** Only types have a slash in them, so that what comes before tells subscription and resource group. */
function resourceId(args: readonly ArmValue[], { place }: ArmWorld): string {
  const all = texts(args);
  const before = all.findIndex((text) => text.includes('/'));
  if (before === -1 || before > 2)
    throw new ArmFault("expected a type such as 'Microsoft.Storage/storageAccounts' among the first three arguments");
  const group = before === 0 ? place.resourceGroup : all[before - 1];
  const subscription = before === 2 ? all[0] : place.subscription;
  return `/subscriptions/${subscription}/resourceGroups/${group}${providerPath(all.slice(before))}`;
}

function subscriptionId(args: readonly ArmValue[], { place }: ArmWorld): string {
  const all = texts(args);
  const isFirstType = all[0]?.includes('/') === true;
  return `/subscriptions/${isFirstType ? place.subscription : all[0]}${providerPath(isFirstType ? all : all.slice(1))}`;
}

function extensionId(args: readonly ArmValue[]): string {
  const [base = '', ...rest] = texts(args);
  return `${base}${providerPath(rest)}`;
}

/** One name for each part of the type after its name space. Azure takes a slash at its end, too. */
function providerPath([written = '', ...names]: readonly string[]): string {
  const type = written.replace(/\/$/, '');
  const [space, ...parts] = type.split('/');
  if (parts.length === 0 || type.split('/').includes(''))
    throw new ArmFault(`"${type}" is no type of resources such as 'Microsoft.Storage/storageAccounts'`);
  if (parts.length !== names.length)
    throw new ArmFault(
      `the type ${type} needs ${parts.length} name${parts.length === 1 ? '' : 's'}, got ${names.length}`,
    );
  return `/providers/${space}/${parts.map((part, index) => `${part}/${names[index]}`).join('/')}`;
}

/** As `az cloud show` tells of AzureCloud. */
const PUBLIC_CLOUD: ArmValue = {
  name: 'AzureCloud',
  gallery: 'https://gallery.azure.com/',
  graph: 'https://graph.windows.net/',
  graphAudience: 'https://graph.windows.net/',
  portal: 'https://portal.azure.com',
  resourceManager: 'https://management.azure.com/',
  activeDirectoryDataLake: 'https://datalake.azure.net/',
  batch: 'https://batch.core.windows.net/',
  media: 'https://rest.media.azure.net',
  sqlManagement: 'https://management.core.windows.net:8443/',
  vmImageAliasDoc:
    'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
  authentication: {
    loginEndpoint: 'https://login.microsoftonline.com/',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
    identityProvider: 'AAD',
  },
  suffixes: {
    acrLoginServer: '.azurecr.io',
    azureDatalakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
    azureDatalakeStoreFileSystem: 'azuredatalakestore.net',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    storage: 'core.windows.net',
  },
};
