/**
 * Tags by what a stack is: what Azure takes, and what is nobody else's. Limits of Azure Resource Manager: 50 tags of a
 * resource, names of 512 characters and values of 256. Source: "Tag resources", learn.microsoft.com. Pure.
 */
import type { GroupTemplate } from '../model/app.ts';
import type { ConfigProblem } from '../model/errors.ts';
import { TAGS } from '../model/ownership.ts';
import { asObject } from './json.ts';
import type { RolloutConfig } from './rollout-schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const MOST_TAGS = 50;
const ROLES = ['candidate', 'live'] as const;
/** Azure's own begin so, and ours. */
const RESERVED = /^(?:azure|microsoft|windows|viridian-)/i;

export function checkRoleTags(
  { tags }: RolloutConfig,
  template: GroupTemplate | undefined,
  { yaml, path }: { readonly yaml: YamlFile; readonly path: Path },
): ConfigProblem[] {
  if (tags === undefined) return [];
  const ofTemplate = Object.keys(asObject(template?.document['tags']) ?? {});
  const spelled = new Map<string, string>();
  const names = ROLES.flatMap((role) =>
    Object.keys(tags[role]).flatMap((name) => {
      const known = spelled.get(name.toLowerCase()) ?? name;
      spelled.set(name.toLowerCase(), known);
      const wrong = wrongName(name, { known, ofTemplate });
      return wrong === undefined ? [] : [yaml.problem([...path, role, name], `tags.${role}: ${wrong}`)];
    }),
  );
  const counts = ROLES.flatMap((role) => {
    const most = MOST_TAGS - Object.keys(TAGS).length - ofTemplate.length;
    const count = Object.keys(tags[role]).length;
    if (count <= most) return [];
    const message = `tags.${role}: expected at most ${most}, got ${count}: with those of the template and of Viridian a group has ${MOST_TAGS} at most`;
    return [yaml.problem([...path, role], message)];
  });
  return [...names, ...counts];
}

function wrongName(
  name: string,
  { known, ofTemplate }: { readonly known: string; readonly ofTemplate: readonly string[] },
): string | undefined {
  if (RESERVED.test(name))
    return `"${name}" is reserved; expected a name that does not begin with azure, microsoft, windows or viridian-`;
  if (known !== name)
    return `"${name}" and "${known}" are the same to Azure, which takes no regard to case; expected one spelling`;
  if (ofTemplate.some((other) => other.toLowerCase() === name.toLowerCase()))
    return `the template has a tag "${name}" of its own, which would be lost at the switch; expected another name, or none in the template`;
  return undefined;
}
