/** Keys whose values are never logged, wherever they come from. */
export const SECRET_KEYS = [
  'password',
  'secureValue',
  'clientSecret',
  'authorization',
  'storageAccountKey',
  'workspaceKey',
  'access_token',
  'refresh_token',
];

const IN_JSON = new RegExp(String.raw`("(?:${SECRET_KEYS.join('|')})"\s*:\s*)"(?:[^"\\]|\\.)*"?`, 'gi');

/** The text with the values of such keys masked, also where it is only a part of JSON. */
export function maskSecrets(text: string): string {
  return text.replaceAll(IN_JSON, '$1"[masked]"');
}
