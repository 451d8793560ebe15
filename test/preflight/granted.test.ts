/** Which actions permissions grant: wildcards, what a role takes away from itself, and what another one gives all the same. */
import { describe, expect, test } from 'vitest';
import { isGranted } from '../../src/preflight/granted.ts';

const WRITE = 'Microsoft.ContainerInstance/containerGroups/write';
const role = (actions: readonly string[], notActions: readonly string[] = []) => ({ actions, notActions });

describe('granted', () => {
  test.each<[string, readonly string[]]>([
    ['the action itself', [WRITE]],
    ['in any letter case', [WRITE.toUpperCase()]],
    ['everything', ['*']],
    ['all of the provider', ['Microsoft.ContainerInstance/*']],
    ['all of the type', ['Microsoft.ContainerInstance/containerGroups/*']],
    ['all that is called write', ['*/write']],
    ['a wildcard in the middle', ['Microsoft.*/containerGroups/write']],
    ['several wildcards', ['*ContainerInstance*Groups*']],
    ['a wildcard for nothing', [`${WRITE}*`]],
    ['one of several', ['Microsoft.Network/*', WRITE]],
  ])('%s', (_, actions) => {
    expect(isGranted(WRITE, [role(actions)])).toBe(true);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['nothing', [], []],
    ['another action', ['Microsoft.ContainerInstance/containerGroups/read'], []],
    ['only the beginning of it', ['Microsoft.ContainerInstance/containerGroups'], []],
    ['only the end of it', ['containerGroups/write'], []],
    ['an end that overlaps the beginning', ['Microsoft.ContainerInstance/containerGroups/write*/write'], []],
    ['pieces in another order', ['*Groups*Instance*'], []],
    ['a pattern that is no expression', ['Microsoft.ContainerInstance.containerGroups.write', '.*', '('], []],
    ['all but it', ['*'], [WRITE]],
    ['all but what is called write', ['*'], ['*/WRITE']],
  ])('not by %s', (_, actions, notActions) => {
    expect(isGranted(WRITE, [role(actions, notActions)])).toBe(false);
  });

  test('what one role leaves out another may give', () => {
    expect(isGranted(WRITE, [role(['*'], [WRITE]), role([WRITE])])).toBe(true);
  });

  test('no pattern makes it slow', () => {
    expect(isGranted('a'.repeat(5000), [role([`${'*a'.repeat(2000)}b`])])).toBe(false);
  });
});
