/** Address ranges of Traffic Manager's Subnet routing: what is written, whether two meet, and who is in one. IPv4 only. */
import { isIPv4 } from 'node:net';
import { ArmError } from './http.ts';

/** As Azure writes it: from `first` to `last`, or the block of `scope` bits that begins at `first`. */
export interface Subnet {
  readonly first: string;
  readonly last?: string;
  readonly scope?: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Throws ArmError where it is no range: a block has to begin at its first address, and no range ends before it begins. */
export function rangeOf({ first, last, scope }: Subnet): Range {
  const from = toNumber(first);
  const to = scope === undefined ? toNumber(last ?? first) : from + 2 ** (32 - scope) - 1;
  const isBlock = scope === undefined || (scope >= 0 && scope <= 32 && from % 2 ** (32 - scope) === 0);
  if (isBlock && to >= from && to < 2 ** 32) return { from, to };
  throw badSubnet(`${first}${scope === undefined ? `-${last ?? first}` : `/${scope}`}`);
}

export function overlap(one: Subnet, other: Subnet): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a.from <= b.to && b.from <= a.to;
}

/** False for what is no IPv4 address. */
export function isIn(subnet: Subnet, address: string): boolean {
  if (!isIPv4(address)) return false;
  const { from, to } = rangeOf(subnet);
  const number = toNumber(address);
  return from <= number && number <= to;
}

function toNumber(address: string): number {
  if (!isIPv4(address)) throw badSubnet(address);
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function badSubnet(what: string): ArmError {
  return new ArmError(400, 'BadRequest', `The subnet '${what}' of an endpoint is not a valid range of IPv4 addresses.`);
}
