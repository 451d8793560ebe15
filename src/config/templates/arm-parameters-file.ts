/** A parameters file of an ARM template: values, and secrets of Azure Key Vault by their reference. */
import type { Json } from '../../model/app.ts';
import { membersOf } from './arm-copies.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmPlace } from './arm-fault.ts';
import type { ArmNode, ArmObjectNode } from './arm-json.ts';
import { valueOf } from './arm-read-json.ts';
import { ArmSource } from './arm-source.ts';
import { plain } from './arm-value.ts';
import type { TemplateFile } from './format.ts';

export interface GivenParameter {
  readonly name: string;
  readonly json: Json;
  /** In the file; absent for what the config gives. */
  readonly place?: ArmPlace;
  /** The lines that show it are blanked by this where it is a secret. */
  readonly hide?: () => void;
  readonly isReference: boolean;
}

/** Throws ConfigError where it is not JSON; other faults go into the list. */
export function readParametersFile(file: TemplateFile, faults: ArmFault[]): readonly GivenParameter[] {
  const { source, root } = ArmSource.read(file, { secret: true });
  const place = (node: ArmNode): ArmPlace => ({ source, offset: node.start });
  // As az takes it, also without what is around the values.
  const list = membersOf(root)['parameters'] ?? root;
  if (list.kind !== 'object') {
    faults.push(new ArmFault('expected an object of parameters', { place: place(list) }));
    return [];
  }
  return list.members.flatMap(({ key, keyStart, value }): GivenParameter[] => {
    if (key.startsWith('$') || key === 'contentVersion') return [];
    try {
      const { node, json, isReference } = readGiven(key, value);
      const hide = () => source.hide(node);
      return [{ name: key, json, place: { source, offset: keyStart }, hide, isReference }];
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      source.hide(value);
      faults.push(error.at({ source, offset: keyStart }));
      return [];
    }
  });
}

function readGiven(name: string, node: ArmNode): { node: ArmNode; json: Json; isReference: boolean } {
  const { value, reference } = membersOf(node);
  if (value !== undefined && reference === undefined)
    return { node: value, json: plain(valueOf(value)), isReference: false };
  if (reference?.kind === 'object' && value === undefined)
    return { node: reference, json: readVault(name, reference), isReference: true };
  throw new ArmFault(`parameter "${name}": expected an object with value, or with reference`, {
    hint: `such as "${name}": { "value": … }`,
  });
}

/** The vault's name is the last part of its id; in the public cloud it is its host too. */
function readVault(name: string, reference: ArmObjectNode): Json {
  const { keyvault, secretname, secretversion } = membersOf(reference);
  const { id } = membersOf(keyvault);
  const vault =
    id?.kind === 'text' ? /\/vaults\/([A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9])\/?$/i.exec(id.value)?.[1] : undefined;
  if (vault === undefined)
    throw new ArmFault(`parameter "${name}": expected reference.keyVault.id to end with /vaults/NAME`);
  if (secretname?.kind !== 'text')
    throw new ArmFault(`parameter "${name}": expected reference.secretName to be a string`);
  const version = secretversion?.kind === 'text' ? { version: secretversion.value } : {};
  return {
    keyVault: { vault: `https://${vault.toLowerCase()}.vault.azure.net`, secret: secretname.value, ...version },
  };
}
