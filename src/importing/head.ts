/** The head of a first config, its `azure` block and registries, from a file that has them, or from the command line. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { CloudSettings } from '../azure/cloud.ts';
import { toCloud } from '../config/load.ts';
import { toProblems } from '../config/problems.ts';
import { azureSchema, registrySchema } from '../config/azure-schema.ts';
import { configJsonSchema } from '../config/schema.ts';
import { YamlFile } from '../config/yaml-file.ts';
import { ConfigError } from '../model/errors.ts';
import type { Json, JsonObject } from '../model/app.ts';

export interface Head {
  /** As it stands in the config. */
  readonly head: JsonObject;
  readonly cloud: CloudSettings;
}

const headSchema = z.object({ azure: azureSchema, registries: z.array(registrySchema).max(50).optional() });

/** Other keys of the file do not count, so that it may be a whole config. Throws ConfigError. */
export function readHead(file: string): Head {
  const yaml = YamlFile.read(resolve(file), file);
  const parsed = headSchema.safeParse(yaml.content);
  if (!parsed.success) throw new ConfigError(toProblems(parsed.error.issues, yaml, configJsonSchema()));
  const head = {
    azure: jsonAt(yaml, 'azure'),
    ...(yaml.has(['registries']) ? { registries: jsonAt(yaml, 'registries') } : {}),
  };
  return { head, cloud: toCloud(parsed.data.azure, dirname(resolve(file))) };
}

/** Of the public cloud; the daemon is its managed identity unless the config is told otherwise. */
export function headFor(subscription: string): Head {
  const head = { azure: { subscription } };
  return { head, cloud: toCloud(azureSchema.parse(head.azure), '.') };
}

function jsonAt(yaml: YamlFile, key: string): Json {
  return JSON.parse(JSON.stringify(yaml.valueAt([key])));
}
