/** Functions of ARM templates that are not evaluated here, each with why and what to do in its place. */
import { ArmFault } from './arm-fault.ts';

const ASKS = 'it asks Azure, which is not asked while a template is read';
const SECRET = 'give the value as a parameter of type secureString, by reference, and use that';
const CHANGES = 'it gives another value at each reading, and every start would find a new release';
const IDS = 'write the id as a text, or make it with resourceId';

interface Refusal {
  readonly why: string;
  readonly instead: string;
}

export const REFUSED: Readonly<Record<string, Refusal>> = {
  buildUri: { why: 'it is not supported', instead: 'use concat or format' },
  cidrHost: { why: 'addresses are not worked out here', instead: 'write the address, or give it as a parameter' },
  cidrSubnet: { why: 'addresses are not worked out here', instead: 'write the range, or give it as a parameter' },
  dateTimeAdd: { why: 'times are not worked out here', instead: 'write the time, or give it as a parameter' },
  deployer: { why: 'who deploys is not part of a release', instead: 'give the value as a parameter' },
  externalInput: { why: 'it is for compiled parameters files', instead: 'give the value by template.values' },
  getSecret: { why: ASKS, instead: SECRET },
  list: { why: ASKS, instead: SECRET },
  listAccountSas: { why: ASKS, instead: SECRET },
  listCallbackUrl: { why: ASKS, instead: SECRET },
  listCredentials: { why: ASKS, instead: SECRET },
  listKeys: { why: ASKS, instead: SECRET },
  listKeyValue: { why: ASKS, instead: 'give the value as a parameter' },
  listPackage: { why: ASKS, instead: 'give the value as a parameter' },
  listQueryKeys: { why: ASKS, instead: SECRET },
  listSecrets: { why: ASKS, instead: SECRET },
  listServiceSas: { why: ASKS, instead: SECRET },
  managementGroup: { why: 'a container group is in a resource group', instead: 'give the value as a parameter' },
  managementGroupResourceId: { why: 'the management group is not known here', instead: IDS },
  newGuid: { why: CHANGES, instead: 'use guid, or give the value as a parameter' },
  parseCidr: { why: 'addresses are not worked out here', instead: 'write the address, or give it as a parameter' },
  parseUri: { why: 'it is not supported', instead: 'give the part as a parameter' },
  pickZones: { why: ASKS, instead: "write the zones, such as createArray('1')" },
  providers: { why: 'Azure has given it up', instead: 'write the API version' },
  reference: { why: ASKS, instead: `give the value as a parameter; of an id, ${IDS}` },
  references: { why: ASKS, instead: 'give the values as a parameter' },
  resourceInfo: { why: 'other resources of the template are not looked at', instead: IDS },
  tenant: { why: 'the tenant is not known here', instead: 'give its id as a parameter' },
  toLogicalZone: { why: ASKS, instead: 'write the zone' },
  toLogicalZones: { why: ASKS, instead: 'write the zones' },
  toPhysicalZone: { why: ASKS, instead: 'write the zone' },
  toPhysicalZones: { why: ASKS, instead: 'write the zones' },
  utcNow: { why: CHANGES, instead: 'give the value as a parameter' },
};

const BY_NAME = new Map(Object.entries(REFUSED).map(([name, refusal]) => [name.toLowerCase(), { name, ...refusal }]));

/** Undefined where the name is none of them. Every other name that begins with list asks Azure too. */
export function refusalOf(name: string): ArmFault | undefined {
  const found =
    BY_NAME.get(name.toLowerCase()) ?? (/^list./i.test(name) ? { name, why: ASKS, instead: SECRET } : undefined);
  return found === undefined
    ? undefined
    : new ArmFault(`the function ${found.name} cannot be used: ${found.why}`, { hint: found.instead });
}
