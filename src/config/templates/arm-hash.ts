/**
 * The two functions of ARM templates that make names out of texts, with the results that Azure gives: uniqueString is
 * the 64-bit hash that follows MurmurHash3's 32-bit mixing with two lanes, in base 32; guid is a UUID of version 5.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 13;
/** In which the function guid of templates makes its names, as its documentation says. */
const NAMESPACE = '11fb06fb712d4ddd98c7e71bbd588830';
const FIRST = 0x239b961b;
const SECOND = 0xab0e9789;

/** 13 letters and digits. */
export function uniqueString(texts: readonly string[]): string {
  let rest = hash64(utf8ToBytes(texts.join('-')));
  let name = '';
  for (let count = 0; count < LENGTH; count += 1) {
    name += ALPHABET[Number(rest >> 59n)] ?? '';
    rest = BigInt.asUintN(64, rest << 5n);
  }
  return name;
}

export function guid(texts: readonly string[]): string {
  const bytes = sha1(new Uint8Array([...hexToBytes(NAMESPACE), ...utf8ToBytes(texts.join('-'))])).slice(0, 16);
  bytes.set([((bytes[6] ?? 0) & 0x0f) | 0x50], 6);
  bytes.set([((bytes[8] ?? 0) & 0x3f) | 0x80], 8);
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function hash64(bytes: Uint8Array): bigint {
  let low = 0;
  let high = 0;
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) {
    low = rotate(low ^ scramble(word(bytes, at), FIRST, SECOND, 15), 19) + high;
    low = (Math.imul(low, 5) + 0x561ccd1b) | 0;
    high = rotate(high ^ scramble(word(bytes, at + 4), SECOND, FIRST, 17), 13) + low;
    high = (Math.imul(high, 5) + 0x0bcaa747) | 0;
  }
  // A lane without bytes mixes in a zero, which changes nothing.
  low ^= scramble(word(bytes, whole), FIRST, SECOND, 15);
  high ^= scramble(word(bytes, whole + 4), SECOND, FIRST, 17);
  low = (low ^ bytes.length) | 0;
  high = (high ^ bytes.length) | 0;
  low = (low + high) | 0;
  high = (high + low) | 0;
  low = finish(low);
  high = finish(high);
  low = (low + high) | 0;
  high = (high + low) | 0;
  return (BigInt.asUintN(32, BigInt(high)) << 32n) | BigInt.asUintN(32, BigInt(low));
}

/** Four bytes, the lowest first; those after the end are 0. */
function word(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return a | (b << 8) | (c << 16) | (d << 24);
}

function scramble(word: number, before: number, after: number, bits: number): number {
  return Math.imul(rotate(Math.imul(word, before), bits), after);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finish(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
