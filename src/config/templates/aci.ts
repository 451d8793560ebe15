/**
 * The container group as `az container create --file` takes it and `az container export` writes it, in YAML or JSON: it is
 * the common document, but for what Azure and az read otherwise than it is spelled.
 */
import type { Json } from '../../model/app.ts';
import { asObject } from '../json.ts';
import { YamlFile } from '../yaml-file.ts';
import { asAzureReads, pathAsWritten } from './as-azure-reads.ts';
import type { TranslateTemplate } from './format.ts';
import { yamlTraps } from './yaml-traps.ts';

/** Throws ConfigError where it is no mapping. */
export const translateAci: TranslateTemplate = ({ text, shown }) => {
  const yaml = YamlFile.parse(text, shown, { merge: true });
  const written = asObject(toJson(yaml.content)) ?? {};
  return {
    document: asAzureReads(written),
    replicas: undefined,
    warnings: isJson(text) ? [] : yamlTraps(text, shown),
    problemAt: (path, message, options) => yaml.problem(pathAsWritten(written, path), message, options),
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
