/**
 * The templates of a config's apps: where their files are, and what they are asked for. By the index of the app, also when
 * other parts of the config are wrong, so that all is told at once.
 */
import { realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { Json } from '../model/app.ts';
import { asObject } from './json.ts';
import { asSecretReference } from './secret-places.ts';
import { appSchema } from './schema.ts';
import type { RawAppConfig } from './schema.ts';
import { checkOverrides } from './overrides.ts';
import { TemplateReader } from './templates/read.ts';
import type { NamedFile, ReadTemplate, TemplateRequest } from './templates/read.ts';
import type { TextFiles } from './text-file.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const NO_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
/** What a template is read for, of an app whose other keys may be wrong. */
const asked = appSchema.pick({ template: true, overrides: true, locations: true, resourceGroup: true, replicas: true });
type Asked = Pick<RawAppConfig, 'template' | 'overrides' | 'locations' | 'resourceGroup' | 'replicas'>;

export interface AppTemplates {
  readonly templates: ReadonlyMap<number, ReadTemplate>;
  readonly problems: readonly ConfigProblem[];
}

export function readTemplates(yaml: YamlFile, files: TextFiles): AppTemplates {
  const templates = new Map<number, ReadTemplate>();
  const problems: ConfigProblem[] = [];
  const reader = new TemplateReader(files);
  const apps: unknown = yaml.has(['apps']) ? yaml.valueAt(['apps']) : [];
  const told = new Set<string>();
  for (const [index, content] of (Array.isArray(apps) ? apps : []).entries()) {
    const parsed = asked.safeParse(pickAsked(content));
    if (!parsed.success) continue;
    const app = parsed.data;
    const path = ['apps', index, 'template'];
    const outside = refuseOutside(app, yaml, path);
    if (outside.length > 0) {
      problems.push(...outside);
      continue;
    }
    try {
      const read = reader.read(requestOf(app, yaml));
      const wrong = checkOverrides(app, read, { yaml, path: ['apps', index, 'overrides'] });
      problems.push(...wrong);
      if (wrong.length === 0) templates.set(index, read);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...problemsOf(error, { yaml, path, told }));
    }
  }
  return { templates, problems };
}

/** Each key that is wrong by itself, and needless here, left out or in place of. */
function pickAsked(content: unknown): unknown {
  if (typeof content !== 'object' || content === null) return content;
  const { template, overrides, locations, resourceGroup, replicas } = Object.fromEntries(Object.entries(content));
  const good = (key: keyof Asked, value: unknown, instead: unknown) =>
    asked.shape[key].safeParse(value).success ? value : instead;
  return {
    template,
    overrides: good('overrides', overrides, []),
    locations: good('locations', locations, ['westeurope']),
    resourceGroup: good('resourceGroup', resourceGroup, 'unknown'),
    replicas: good('replicas', replicas, undefined),
  };
}

/** A file of several apps is wrong once. */
function problemsOf(
  error: ConfigError,
  { yaml, path, told }: { yaml: YamlFile; path: Path; told: Set<string> },
): readonly ConfigProblem[] {
  const isUnreadable = error.problems.some(({ message }) => message.startsWith('the file cannot be read'));
  if (isUnreadable) return [yaml.problem(path, `template: ${error.problems[0]?.message ?? ''}`)];
  return error.problems.filter((problem) => {
    const key = JSON.stringify(problem);
    return told.has(key) ? false : told.add(key);
  });
}

function requestOf({ template, overrides, locations, resourceGroup }: Asked, yaml: YamlFile): TemplateRequest {
  const { file, parameters, values, resource } = template;
  const folder = dirname(resolve(yaml.file));
  const from = dirname(resolve(folder, file));
  const subscription = yaml.has(['azure', 'subscription']) ? yaml.valueAt(['azure', 'subscription']) : undefined;
  const places = locations.map((location) => ({
    subscription: typeof subscription === 'string' ? subscription : NO_SUBSCRIPTION,
    resourceGroup,
    location,
  }));
  const [first, ...others] = places;
  if (first === undefined) throw new Error('an app has a location');
  return {
    ...namedFile(file, yaml),
    parameters: parameters === undefined ? undefined : namedFile(parameters, yaml),
    values: rebase(values, { folder, from }),
    resource,
    overrides: overrides.map(({ location, replica, set }) => ({
      location,
      replica,
      set: rebase(set, { folder, from }),
    })),
    places: [first, ...others],
  };
}

function namedFile(name: string, yaml: YamlFile): NamedFile {
  const shown = name.startsWith('/') ? name : `${dirname(yaml.file)}/${name}`;
  return { file: resolve(dirname(resolve(yaml.file)), name), shown };
}

/** Secrets in files are named from beside the config here, and from beside the template in all that follows. */
function rebase(values: Readonly<Record<string, Json>>, at: { folder: string; from: string }): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, rebaseValue(value, at)]));
}

function rebaseValue(value: Json, at: { folder: string; from: string }): Json {
  const reference = asSecretReference(value);
  if (reference !== undefined && 'file' in reference) {
    const { file } = reference;
    return file.startsWith('/') || at.folder === at.from
      ? value
      : { file: relative(at.from, resolve(at.folder, file)) };
  }
  if (Array.isArray(value)) return value.map((item: Json) => rebaseValue(item, at));
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [key, item === undefined ? item : rebaseValue(item, at)]),
  );
}

/** Where it leads by its links, too. */
function refuseOutside({ template }: Asked, yaml: YamlFile, path: Path): readonly ConfigProblem[] {
  if (template.outside) return [];
  const folder = dirname(resolve(yaml.file));
  const isInside = (file: string, root: string) => file.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
  const named = [template.file, ...(template.parameters === undefined ? [] : [template.parameters])];
  return named.flatMap((name) => {
    const file = resolve(folder, name);
    if (isInside(file, folder) && isInside(realPath(file), realPath(folder))) return [];
    const message = `template: ${name} is outside of the folder of the config; expected a file in it, or template: {file: ${name}, outside: true}`;
    return [yaml.problem(path, message)];
  });
}

/** Itself where it is not there. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return dirname(file) === file
      ? file
      : resolve(realPath(dirname(file)), file.slice(dirname(file).length).replace(/^\/+/, ''));
  }
}
