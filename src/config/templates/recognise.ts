/**
 * Tells the format of a template by what stands in it, not by the name of its file: an ARM template has `$schema` and
 * `contentVersion`, a Kubernetes manifest has `kind`, all else is a container group. Pure.
 */
export type TemplateFormat = 'aci' | 'arm' | 'kubernetes';

const ARM_SCHEMA = /"\$schema"\s*:\s*"[^"]*\/(\w+)\.json/i;
const KIND = /^(?:---[ \t]*)?["']?kind["']?[ \t]*:/m;

/** `armParameters`: a file of values for an ARM template, which is no template itself. */
export function recognise(text: string): TemplateFormat | 'armParameters' {
  const isJson = /^\s*(?:(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)\s*)*\{/.test(text);
  if (!isJson) return KIND.test(text) ? 'kubernetes' : 'aci';
  const schema = ARM_SCHEMA.exec(text)?.[1]?.toLowerCase();
  if (schema === 'deploymentparameters') return 'armParameters';
  if (schema?.endsWith('deploymenttemplate') === true || /"contentVersion"\s*:/.test(text)) return 'arm';
  return /"kind"\s*:/.test(text) && /"apiVersion"\s*:/.test(text) ? 'kubernetes' : 'aci';
}
