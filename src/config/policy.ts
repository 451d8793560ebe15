/** A policy block as the daemon knows it; and a file that holds nothing but one, for trying it. */
import { resolve } from 'node:path';
import { ConfigError } from '../model/errors.ts';
import type { TagFilter, TagPolicy, TagRule } from '../model/app.ts';
import { DEFAULT_EXCLUDE } from '../policy/filter.ts';
import { checkPolicy } from './policy-checks.ts';
import { policyJsonSchema, policySchema } from './policy-schema.ts';
import type { FilterConfig, PolicyConfig } from './policy-schema.ts';
import { inOrder, toProblems } from './problems.ts';
import { YamlFile } from './yaml-file.ts';

/** `file` as the operator gave it. Throws ConfigError with every problem. */
export function loadPolicy(file: string): TagPolicy {
  const yaml = YamlFile.read(resolve(file), file);
  const parsed = policySchema.safeParse(yaml.content);
  if (!parsed.success) throw new ConfigError(toProblems(parsed.error.issues, yaml, policyJsonSchema()));
  const problems = checkPolicy(parsed.data, yaml, []);
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  return toPolicy(parsed.data);
}

export function toPolicy(policy: PolicyConfig): TagPolicy {
  const rule = toRule(policy);
  return policy.filter === undefined ? rule : { ...rule, filter: toFilter(policy.filter) };
}

function toRule({ semver, numerical, alphabetical, calver, newest, digest, regex, pin }: PolicyConfig): TagRule {
  if (numerical !== undefined) return { kind: 'numerical', order: numerical.order };
  if (alphabetical !== undefined) return { kind: 'alphabetical', order: alphabetical.order };
  if (calver !== undefined) return { kind: 'calver', format: typeof calver === 'string' ? calver : calver.format };
  if (newest !== undefined) return { kind: 'newest' };
  if (typeof digest === 'string') return { kind: 'digest', tag: digest, update: 'always' };
  if (digest !== undefined) return { kind: 'digest', ...digest };
  if (regex !== undefined) return { kind: 'regex', pattern: regex };
  if (pin !== undefined) return { kind: 'pin', to: pin };
  if (typeof semver === 'object') return { kind: 'semver', ...semver };
  return { kind: 'semver', range: semver ?? '*', prerelease: false };
}

function toFilter({ include, extract, exclude, deny, minAge }: FilterConfig): TagFilter {
  return { include, extract, exclude: exclude ?? DEFAULT_EXCLUDE, deny, minAgeMs: minAge };
}
