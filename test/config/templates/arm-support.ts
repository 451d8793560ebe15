/** ARM templates as literals, and what comes of them. */
import { ConfigError } from '../../../src/model/errors.ts';
import type { ConfigProblem } from '../../../src/model/errors.ts';
import type { Json, JsonObject } from '../../../src/model/app.ts';
import { asObject } from '../../../src/config/json.ts';
import { translateArm } from '../../../src/config/templates/arm-template.ts';
import type { FormatOptions, TemplateFile, Translated } from '../../../src/config/templates/format.ts';

export const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

export const place = {
  subscription: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'my-rg',
  location: 'westeurope',
};

export interface Given extends Partial<Omit<FormatOptions, 'parameters'>> {
  /** Text of the parameters file. */
  readonly parameters?: string;
}

export function file(shown: string, text: string): TemplateFile {
  return { file: `/templates/${shown}`, shown, text };
}

export function translate(template: string | JsonObject, { parameters, ...given }: Given = {}): Translated {
  const text = typeof template === 'string' ? template : JSON.stringify(template, undefined, 2);
  return translateArm(file('web.json', text), {
    resource: undefined,
    values: {},
    place,
    ...given,
    parameters: parameters === undefined ? undefined : file('web.parameters.json', parameters),
  });
}

/** A template with one group; `more` is beside its resources, `group` beside the group's containers. */
export function template(more: JsonObject = {}, group: JsonObject = {}): JsonObject {
  const { properties, ...rest } = group;
  return {
    $schema: SCHEMA,
    contentVersion: '1.0.0.0',
    ...more,
    resources: [
      {
        type: 'Microsoft.ContainerInstance/containerGroups',
        apiVersion: '2023-05-01',
        name: 'web',
        location: '[resourceGroup().location]',
        properties: { containers: [{ name: 'web', properties: { image: 'shop' } }], ...asObject(properties) },
        ...rest,
      },
    ],
  };
}

/** What one text of the group evaluates to. */
export function valueOf(text: Json, more: JsonObject = {}, given: Given = {}): Json | undefined {
  const { document } = translate(template(more, { properties: { asked: [text] } }), given);
  const asked = asObject(document['properties'])?.['asked'];
  return Array.isArray(asked) ? asked[0] : undefined;
}

export function problemsOf(work: () => unknown): readonly ConfigProblem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** `line:column: message`, then the hint in brackets. */
export function told(work: () => unknown): string[] {
  return problemsOf(work).map(
    ({ file, line, column, message, hint }) =>
      `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` [${hint}]`}`,
  );
}

/** Messages alone. */
export function messages(work: () => unknown): string[] {
  return problemsOf(work).map(({ message }) => message);
}
