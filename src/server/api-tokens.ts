/**
 * Whose a token is. All of them are looked at, each in constant time, so that timing tells neither how much of one was right
 * nor whose it was. Tokens are read anew now and then: one is changed or taken away with no restart.
 */
import { timingSafeEqual } from 'node:crypto';
import { StalledError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { hashOf, PushSecret } from './push-secret.ts';

const LEAST_CHARACTERS = 16;

export interface NamedToken {
  readonly name: string;
  readonly read: () => Promise<string>;
}

interface KnownToken {
  readonly name: string;
  readonly secret: PushSecret;
}

export class ApiTokens {
  readonly #clock: Clock;
  #tokens: readonly KnownToken[];

  constructor(clock: Clock, tokens: readonly NamedToken[]) {
    this.#clock = clock;
    this.#tokens = tokens.map((token) => knownToken(clock, token));
  }

  /** Throws StalledError where one cannot be read, or two people have the same one. */
  check(): Promise<void> {
    return checkAll(this.#tokens);
  }

  /** Throws as `check` does; gives what makes these tokens count in place of the ones before. */
  async prepare(tokens: readonly NamedToken[]): Promise<() => void> {
    const next = tokens.map((token) => knownToken(this.#clock, token));
    await checkAll(next);
    return () => void (this.#tokens = next);
  }

  /**
   * `header`: that of Authorization. Undefined where it is nobody's, or more than one's. Throws StalledError where it may
   * be one that cannot be read.
   */
  async whose(header: string | undefined): Promise<string | undefined> {
    const given = /^bearer +(\S.*)$/i.exec(header ?? '')?.[1];
    if (given === undefined) return undefined;
    const hash = hashOf(given);
    const found: string[] = [];
    let unreadable: unknown;
    for (const { name, secret } of this.#tokens) {
      try {
        if (timingSafeEqual(await secret.hash(), hash)) found.push(name);
      } catch (error) {
        unreadable = error;
      }
    }
    if (found.length === 0 && unreadable !== undefined) throw unreadable;
    return found.length === 1 ? found[0] : undefined;
  }
}

function knownToken(clock: Clock, { name, read }: NamedToken): KnownToken {
  return { name, secret: new PushSecret(clock, read, { place: `api.tokens, ${name}`, least: LEAST_CHARACTERS }) };
}

async function checkAll(tokens: readonly KnownToken[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const { name, secret } of tokens) {
    const hash = (await secret.hash()).toString('hex');
    const other = seen.get(hash);
    if (other !== undefined) {
      throw new StalledError(`api.tokens: ${other} and ${name} have the same token; give each person one of their own`);
    }
    seen.set(hash, name);
  }
}
