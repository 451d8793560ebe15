/** Templates such as `$major.$minor`: what a rule reads in place of a tag, from the groups of the include pattern. */
import type { RE2JS } from 're2js';

type Part = { readonly literal: string } | { readonly group: string | number; readonly offset: number };

/** `$name` takes every letter, digit and underscore that follows; `${name}` ends where it says. */
const PART = /\$(?:\$|\{(\w+)\}|(\w+))|\$|[^$]+/g;

export function parseTemplate(template: string): readonly Part[] {
  return Array.from(template.matchAll(PART), (match) => {
    const name = match[1] ?? match[2];
    if (name === undefined) return { literal: match[0] === '$$' ? '$' : match[0] };
    return { group: /^\d+$/.test(name) ? Number(name) : name, offset: match.index };
  });
}

/** Groups that the template names and the pattern has not. */
export function unknownGroups(template: string, pattern: RE2JS): readonly { group: string; offset: number }[] {
  const names = groupNames(pattern);
  return parseTemplate(template).flatMap((part) => {
    if ('literal' in part) return [];
    const { group, offset } = part;
    const isKnown = typeof group === 'number' ? group <= pattern.groupCount() : names.includes(group);
    return isKnown ? [] : [{ group: String(group), offset }];
  });
}

export function groupNames(pattern: RE2JS): readonly string[] {
  return Object.keys(pattern.namedGroups());
}

/** Undefined where the pattern does not match. A group that took no part gives nothing. */
export function extract(text: string, pattern: RE2JS, template: readonly Part[]): string | undefined {
  const matcher = pattern.matcher(text);
  if (!matcher.find()) return undefined;
  return template.map((part) => ('literal' in part ? part.literal : (matcher.group(part.group) ?? ''))).join('');
}
