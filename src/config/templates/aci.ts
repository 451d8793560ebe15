/** The container group as `az container create --file` takes it, in YAML or JSON: it is the common document already. */
import type { Json } from '../../model/app.ts';
import { asObject } from '../json.ts';
import { YamlFile } from '../yaml-file.ts';
import type { TranslateTemplate } from './format.ts';
import { yamlTraps } from './yaml-traps.ts';

/** Throws ConfigError where it is no mapping. */
export const translateAci: TranslateTemplate = ({ text, shown }) => {
  const yaml = YamlFile.parse(text, shown);
  return {
    document: asObject(toJson(yaml.content)) ?? {},
    replicas: undefined,
    warnings: isJson(text) ? [] : yamlTraps(text, shown),
    problemAt: (path, message, options) => yaml.problem(path, message, options),
  };
};

/** JSON is the same to everybody. */
function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** YAML may hold what JSON cannot (dates, infinities): those become text. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? {})) as Json;
}
