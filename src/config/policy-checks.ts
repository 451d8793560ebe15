/** What the schema cannot see of a policy: whether its range, patterns and format are any, and fit each other. */
import { validRange } from 'semver';
import type { ConfigProblem } from '../model/errors.ts';
import { CALENDAR_TOKENS, readCalendarFormat } from '../policy/calver-format.ts';
import { groupNames, unknownGroups } from '../policy/extract.ts';
import { compilePattern, patternFault } from '../policy/pattern.ts';
import { withoutV } from '../policy/semver.ts';
import { nearMatch } from './near-match.ts';
import { RULES } from './policy-schema.ts';
import type { FilterConfig, PolicyConfig } from './policy-schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** `path` is that of the policy block. */
export function checkPolicy(policy: PolicyConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const problems = [...checkSemver(policy, yaml, path), ...checkCalver(policy, yaml, path)];
  if (policy.regex !== undefined) problems.push(...checkPattern(policy.regex, yaml, [...path, 'regex']));
  if (policy.filter === undefined) return problems;
  const at = [...path, 'filter'];
  return [...problems, ...checkUse(policy, policy.filter, { yaml, at }), ...checkFilter(policy.filter, yaml, at)];
}

function checkSemver({ semver }: PolicyConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const range = typeof semver === 'object' ? semver.range : semver;
  if (range === undefined || validRange(withoutV(range)) !== null) return [];
  const at = [...path, 'semver', ...(typeof semver === 'object' ? ['range'] : [])];
  return [yaml.problem(at, `semver: expected a range such as ">=1.0.0 <2", got "${range}"`)];
}

function checkCalver({ calver }: PolicyConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const format = typeof calver === 'object' ? calver.format : calver;
  if (format === undefined) return [];
  const read = readCalendarFormat(format);
  if (!('message' in read)) return [];
  const at = [...path, 'calver', ...(typeof calver === 'object' ? ['format'] : [])];
  const message = `calver: expected a format such as YYYY.MM.DD, got "${format}": ${read.message}`;
  const hint = `tokens: ${CALENDAR_TOKENS}; beside them stand lower-case letters, dots, hyphens and underscores`;
  return [yaml.problem(at, message, { within: read.offset, hint })];
}

function checkPattern(pattern: string, yaml: YamlFile, path: Path): ConfigProblem[] {
  const fault = patternFault(pattern);
  if (fault === undefined) return [];
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  const message = `${key}: expected a regular expression of RE2, got "${pattern}": ${fault.message} at character ${fault.offset + 1}`;
  return [yaml.problem(path, message, { within: fault.offset, hint: fault.hint })];
}

function checkFilter(filter: FilterConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const problems = (filter.exclude ?? []).flatMap((pattern, index) =>
    checkPattern(pattern, yaml, [...path, 'exclude', index]),
  );
  const { include, extract } = filter;
  if (include === undefined) {
    if (extract === undefined) return problems;
    const message = 'extract: expected include beside it, whose groups it is made of';
    return [...problems, yaml.problem([...path, 'extract'], message)];
  }
  const faults = checkPattern(include, yaml, [...path, 'include']);
  if (faults.length > 0 || extract === undefined) return [...problems, ...faults];
  const pattern = compilePattern(include);
  const names = groupNames(pattern);
  const unknown = unknownGroups(extract, pattern).map(({ group, offset }) => {
    const begun = names.find((name) => group.startsWith(name));
    const near = begun === undefined ? nearMatch(group, names) : `{${begun}}`;
    const known = names.length === 0 ? 'include has no named group, such as (?<n>…)' : `groups: ${names.join(', ')}`;
    return yaml.problem([...path, 'extract'], `extract: include has no group "${group}"`, {
      within: offset,
      hint: near === undefined ? known : `did you mean "$${near}"?`,
    });
  });
  return [...problems, ...unknown];
}

/** Parts of a filter that the policy would never look at are a misunderstanding. */
function checkUse(
  policy: PolicyConfig,
  filter: FilterConfig,
  { yaml, at }: { yaml: YamlFile; at: Path },
): ConfigProblem[] {
  const rule = RULES.find((name) => policy[name] !== undefined);
  if (rule === 'pin')
    return [yaml.problem(at, 'filter: a pin is one tag or digest, nothing is filtered', { atKey: true })];
  const useless = rule === 'digest' ? ['include', 'extract'] : rule === 'newest' || rule === 'regex' ? ['extract'] : [];
  const why = rule === 'digest' ? 'follows one tag, by its name' : 'goes by the time of the push alone';
  return Object.keys(filter)
    .filter((key) => useless.includes(key))
    .map((key) => yaml.problem([...at, key], `${key}: ${rule} ${why}, so this says nothing`, { atKey: true }));
}
