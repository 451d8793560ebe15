/** What is concluded from who attends. */
import { describe, expect, test } from 'vitest';
import { attendantNow, countSharing, disagreementOf, forgettable } from '../../src/controller/attendance.ts';
import type { Attendant } from '../../src/controller/attendance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';

const NOW = 100 * HOUR;

function attendant(name: string, given: Partial<Attendant> = {}): Attendant {
  const config = { config: 'aaaa', configSince: NOW - 10 * HOUR };
  return { name, ...config, rounds: 100, heardAt: NOW - 5 * SECOND, hasLeft: false, ...given };
}

const own = attendant('own', { heardAt: NOW });
const newer = { config: 'bbbb', configSince: NOW - HOUR };
const older = { config: '9999', configSince: NOW - 20 * HOUR };

describe('a share is for', () => {
  test.each([
    ['a daemon that attends', {}, 2],
    ['nobody who has attended three times only', { rounds: 3 }, 1],
    ['nobody who was last heard of half a minute ago', { heardAt: NOW - 30 * SECOND }, 1],
    ['nobody who has left', { hasLeft: true }, 1],
    ['a daemon of another config, too', newer, 2],
  ])('%s', (_, given, count) => {
    expect(countSharing({ now: NOW, own, others: [attendant('other', given)] })).toBe(count);
  });

  test('one that has just come, where this one has, too', () => {
    const both = { own: attendant('own', { rounds: 1 }), others: [attendant('other', { rounds: 1 })] };
    expect(countSharing({ now: NOW, ...both })).toBe(2);
  });
});

describe('all agree on the config', () => {
  test.each([
    ['alone', [], true],
    ['with another of the same', [attendant('other')], true],
    ['not with one of another, older or newer', [attendant('other', older)], false],
    ['not with one that has just come with another', [attendant('other', { ...newer, rounds: 1 })], false],
    ['where the older one has left', [attendant('other', { ...older, hasLeft: true })], true],
    ['where the older one is silent', [attendant('other', { ...older, heardAt: NOW - MINUTE })], true],
    ['not where the newer one has left', [attendant('other', { ...newer, hasLeft: true })], false],
    ['not where the newer one is silent', [attendant('other', { ...newer, heardAt: NOW - 59 * MINUTE })], false],
    ['where the newer one is gone for an hour', [attendant('other', { ...newer, heardAt: NOW - HOUR })], true],
  ])('%s', (_, others, isAgreed) => {
    expect(disagreementOf({ now: NOW, own, others }) === undefined).toBe(isAgreed);
  });

  test('and who does not is named, once each', () => {
    const others = [attendant('y', newer), attendant('x', newer), attendant('z')];
    expect(disagreementOf({ now: NOW, own, others })).toEqual({ configs: ['bbbb'], daemons: ['x', 'y'] });
  });
});

test('a config is as old as the first daemon that ran it', () => {
  const others = [attendant('one'), attendant('other', newer)];
  const come = (config: string) => attendantNow({ name: 'new', config, rounds: 1 }, others, NOW).configSince;
  expect([come('aaaa'), come('bbbb'), come('cccc')]).toEqual([NOW - 10 * HOUR, NOW - HOUR, NOW]);
});

test('who is silent for ten minutes is forgotten, but for the last of each config, remembered for a day', () => {
  const silent = (name: string, ms: number, given = {}) => attendant(name, { heardAt: NOW - ms, ...given });
  const others = [
    attendant('alive'),
    silent('recent', 10 * MINUTE),
    silent('dead', 11 * MINUTE),
    silent('last of newer', 23 * HOUR, newer),
    silent('older still', 23.5 * HOUR, newer),
    silent('last of older', 25 * HOUR, older),
  ];
  expect(forgettable({ now: NOW, own, others })).toEqual(['dead', 'older still', 'last of older']);
});
