/** JWT-shaped tokens of the local Azure, signed with a key of this run: real clients read `exp` from them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TENANT = '33333333-3333-3333-3333-333333333333';

export interface Claims {
  readonly kind: 'aad' | 'refresh' | 'access';
  readonly aud: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  /** For access tokens: what the bearer may do. */
  readonly scope?: string;
}

/** Remembered as verified, so that one that comes with each request is not signed again each time. */
const MOST_REMEMBERED = 100;

export class Tokens {
  readonly #key = randomBytes(32);
  /** Oldest first. */
  readonly #verified = new Map<string, Claims>();
  /** Settable, so that a token can expire in the middle of something. */
  lifetimeSeconds = 3600;

  issue(claims: Omit<Claims, 'exp'>): string {
    const now = Math.floor(Date.now() / 1000);
    const whole = {
      // As the real service: others, such as a storage emulator, look at it.
      iss: `https://sts.windows.net/${TENANT}/`,
      ...claims,
      iat: now,
      nbf: now,
      exp: now + this.lifetimeSeconds,
      tid: TENANT,
      oid: '11111111-1111-1111-1111-111111111111',
    };
    const head = encode({ alg: 'HS256', typ: 'JWT' });
    const body = encode(whole);
    return `${head}.${body}.${this.#sign(`${head}.${body}`)}`;
  }

  /** Undefined where the token is not of this run, or has expired. */
  verify(token: string): Claims | undefined {
    const claims = this.#verified.get(token) ?? this.#check(token);
    return claims !== undefined && claims.exp > Date.now() / 1000 ? claims : undefined;
  }

  #check(token: string): Claims | undefined {
    const [head = '', body = '', signature = ''] = token.split('.');
    const wanted = Buffer.from(this.#sign(`${head}.${body}`));
    const got = Buffer.from(signature);
    if (wanted.length !== got.length || !timingSafeEqual(wanted, got)) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    this.#verified.set(token, claims);
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined && this.#verified.size > MOST_REMEMBERED) this.#verified.delete(oldest);
    return claims;
  }

  /** For ARM: `Bearer` and a token of the token service or the managed identity endpoint. */
  isBearer(authorization: string | undefined): boolean {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    return token !== undefined && this.verify(token)?.kind === 'aad';
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
