/**
 * What secrets look like: by the shape of the value, or by a name that promises one together with a value that could be
 * one. The formats are those that their issuers document. Pure.
 */

interface Shape {
  readonly pattern: RegExp;
  /** Somewhere else in it. */
  readonly beside?: RegExp;
  /** Follows "environment variable NAME". */
  readonly why: string;
}

/** The first group, where there is one, is the secret itself: what stands in for one does not count. */
const SHAPES: readonly Shape[] = [
  { pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/, why: 'holds a private key' },
  {
    pattern: /\b(?:AccountKey|SharedAccessKey|SharedSecretValue|AccessKey)\s*=\s*([^;\s"']{16,})/i,
    why: 'holds a connection string with a key',
  },
  { pattern: /(?:^|[;,]\s*)(?:password|pwd)\s*=\s*([^;,\s"']{3,})/i, why: 'holds a connection string with a password' },
  { pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@?#]*:([^\s/@]+)@[^\s/]/i, why: 'holds a URL with a password' },
  {
    pattern: /(?:^|[?&;\s])sig=([\w%+/=-]{20,})/i,
    beside: /(?:^|[?&;\s])(?:se|sv|sr)=/i,
    why: 'holds a shared access signature',
  },
  { pattern: /[?&]code=([\w-]{40,}={0,2})/i, why: 'holds a URL with a key' },
  { pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/, why: 'holds a JSON web token' },
  { pattern: /\bgh[oprsu]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}/, why: 'holds a token of GitHub' },
  { pattern: /\bglpat-[\w-]{20,}/, why: 'holds a token of GitLab' },
  { pattern: /\bnpm_[A-Za-z0-9]{36}\b/, why: 'holds a token of npm' },
  { pattern: /\bpypi-[\w-]{50,}/, why: 'holds a token of PyPI' },
  { pattern: /\bdckr_pat_[\w-]{20,}/, why: 'holds a token of Docker Hub' },
  {
    pattern: /\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{16,}/,
    why: 'holds a token of Slack',
  },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, why: 'holds an access key of AWS' },
  { pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/=]{24,}/, why: 'holds a key of Stripe' },
  { pattern: /\bSG\.[\w-]{16,}\.[\w-]{16,}/, why: 'holds a key of SendGrid' },
  { pattern: /\bAIza[\w-]{35}/, why: 'holds a key of Google' },
  { pattern: /\bhv[bs]\.[\w-]{24,}/, why: 'holds a token of Vault' },
  { pattern: /\bsk-[\w-]{20,}/, why: 'holds a key that begins with sk-' },
  {
    pattern: /(?:^|[^\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/,
    why: 'holds a client secret of Microsoft Entra ID',
  },
  { pattern: /(?:^|[^\w+/])[A-Za-z0-9+/]{86}==/, why: 'holds a key such as that of a storage account' },
];

const LONGEST_LOOK = 8192;

export function looksByValue(value: string): string | undefined {
  const begin = value.slice(0, LONGEST_LOOK);
  return SHAPES.find(({ pattern, beside }) => {
    const match = pattern.exec(begin);
    return match !== null && !isStandIn(match[1] ?? '') && beside?.test(begin) !== false;
  })?.why;
}

/** Also with nothing before it: PGPASSWORD. */
const PASSWORDS = /(?:password|passwd|passphrase|(?:^|_)(?:pwd|secret))(?:_?\d+)?$/;
const KEYS = /(?:^|_)(?:token|key|apikey|accesskey|credentials?|authorization|sas|connection_?string)(?:_?\d+)?$/;
/** Meant to be seen, or no keys of anything. */
const HARMLESS =
  /(?:^|_)(?:public|publishable|site|instrumentation|partition|sort|row|cache|routing|object|map|lookup|foreign|hot|anon)_?key(?:_?\d+)?$/;
const SHORTEST_KEY = 16;
/** Bits a character: words have less, random text has more. */
const LEAST_ENTROPY = 3;

/** `name` in any of the usual spellings: DB_PASSWORD, dbPassword, db-password, Db__Password. */
export function looksByName(name: string, value: string): string | undefined {
  const plain = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
  if (value.trim() === '' || isStandIn(value)) return undefined;
  // A bad password is one all the same: root, 12345.
  if (PASSWORDS.test(plain))
    return isSwitch(value) || isPlace(value) ? undefined : 'holds a plain value, and by its name a secret';
  if (isPlainValue(value)) return undefined;
  if (!KEYS.test(plain) || HARMLESS.test(plain)) return undefined;
  if (value.length < SHORTEST_KEY || isWords(value) || entropyOf(value) < LEAST_ENTROPY) return undefined;
  return 'holds a value that looks random, and by its name a key';
}

/** Put in by something else later, or for people to fill in. */
function isStandIn(value: string): boolean {
  return /^(?:\{\{.*|\$\{.*|\$\(.*|\$[A-Za-z_]\w*|<[^>]*>?|%\w+%|\[.*\]|\*+|x{3,}|•+|…|\.{3,})$/is.test(value.trim());
}

/** Switches, numbers of seconds and the like, paths, and addresses without credentials. */
function isPlainValue(value: string): boolean {
  return isSwitch(value) || /^\d{1,9}(?:ms|s|m|h|d)?$/i.test(value.trim()) || isPlace(value);
}

function isSwitch(value: string): boolean {
  return /^(?:true|false|yes|no|on|off|none|null|undefined|enabled|disabled|required|optional)$/i.test(value.trim());
}

/** A path, or an address without credentials. */
function isPlace(value: string): boolean {
  return /^(?:~|\.{1,2})?\/|^[A-Za-z]:\\/.test(value) || /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
}

/** Names of things, such as `customer-id` and `orders.v2`. */
function isWords(value: string): boolean {
  return value.split(/[-_.:/\s]+/).every((word) => /^(?:[A-Za-z][a-z]*|[A-Z]+|v?\d{1,4})$/.test(word));
}

function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / value.length);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}
