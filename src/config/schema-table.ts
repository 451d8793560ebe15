/** The table of keys in docs/configuration.md: key, type and limits, default, meaning. */
import { configJsonSchema } from './schema.ts';

type Schema = Readonly<Record<string, unknown>>;

export function configTable(): string {
  const rows = rowsOf(configJsonSchema(), '');
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function rowsOf(schema: Schema, prefix: string): string[] {
  const properties = asSchema(schema['properties']) ?? {};
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []);
  // What stands in two lists beside each other is told once.
  const told = new Set<string>();
  return Object.entries(properties).flatMap(([key, value]) => {
    const property = asSchema(value) ?? {};
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const preset = required.has(key) ? '*required*' : defaultOf(property['default']);
    const row = `| \`${path}\` | ${typeOf(property)} | ${preset} | ${text(property['description'])} |`;
    const items = asSchema(property['items']);
    const asText = JSON.stringify(items?.['properties']);
    const isNew = items !== undefined && (asText === undefined || !told.has(asText));
    if (asText !== undefined) told.add(asText);
    const named = asSchema(property['additionalProperties']);
    return [
      row,
      ...rowsOf(property, path),
      ...(isNew ? rowsOf(items, `${path}[]`) : []),
      ...(named === undefined ? [] : rowsOf(named, `${path}.NAME`)),
    ];
  });
}

function typeOf(schema: Schema): string {
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (schema['const'] !== undefined) return `\`${text(schema['const'])}\``;
  const any = schema['anyOf'];
  if (Array.isArray(any)) return any.map((one) => typeOf(asSchema(one) ?? {})).join(' or ');
  const { type, minimum, maximum, maxLength, minItems, maxItems } = schema;
  const limits = [
    span(minimum, maximum),
    span(minItems, maxItems),
    maxLength === undefined ? '' : `at most ${text(maxLength)} characters`,
  ];
  const pattern = text(schema['pattern']);
  const name = pattern.includes('ms)') ? 'duration' : text(type);
  return [name, ...limits.filter((limit) => limit !== '')].join(', ');
}

function span(from: unknown, to: unknown): string {
  if (from === undefined && to === undefined) return '';
  if (from === undefined) return `at most ${text(to)}`;
  return to === undefined ? `at least ${text(from)}` : `${text(from)}–${text(to)}`;
}

function defaultOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? '' : `\`${text(value)}\``;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('|', String.raw`\|`);
  return value === undefined ? '' : (JSON.stringify(value) ?? '');
}

function asSchema(value: unknown): Schema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
