/**
 * Takes secrets out of text that others have written: those that are known, whole or line by line, and whatever looks like
 * a key, a token, a password or a connection string. It takes out too much rather than too little.
 */

const MASK = '•••';
/** Of a secret of several lines: a shorter line says nothing by itself. */
const SHORTEST_LINE = 4;

/** Each keeps what stands before the secret. */
const LOOKALIKES: readonly RegExp[] = [
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
  /()\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g,
  /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  /([?&;](?:sig|code|token|key|access_token|api[_-]?key)=)[^\s&;"']+/gi,
  /((?:[\w-]*(?:password|passwd|pwd|secret|token|credentials?|api[_-]?key|account[_-]?key|access[_-]?key|private[_-]?key|sharedaccess(?:key|signature)))["']?\s*[=:]\s*["']?)[^\s"',;]{2,}/gi,
  /()\b(?:AKIA[0-9A-Z]{16}|gh[opsu]_\w{20,}|github_pat_\w{20,}|xox[abp]-[\w-]{10,}|sk-[\w-]{20,})/g,
];
/** As storage keys and the like are: long, of all kinds of characters. Hex alone, as of a digest, is none. */
const LONG = /[\w+/-]{40,}={0,2}/g;

/** `secrets`: in full; an empty one is none. */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const value of formsOf(secrets)) masked = masked.replaceAll(value, MASK);
  for (const pattern of LOOKALIKES) masked = masked.replace(pattern, `$1${MASK}`);
  return masked.replace(LONG, (found) => (isMixed(found) ? MASK : found));
}

/** The longest first: one may be a part of another. */
function formsOf(secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((secret) => {
    const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= SHORTEST_LINE);
    return [secret, ...lines.map((line) => line.trim())].flatMap((one) => [
      one,
      JSON.stringify(one).slice(1, -1),
      encodeURIComponent(one.toWellFormed()),
    ]);
  });
  return [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length);
}

function isMixed(text: string): boolean {
  return /[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text);
}
