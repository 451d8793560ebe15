/**
 * Reads the templates of apps: tells the format of each, has it translated to the one common document, checks that, and
 * gives some groups what they have of their own. Apps that share a file share the work.
 */
import { resolve } from 'node:path';
import { ConfigError } from '../../model/errors.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import type { GroupTemplate, Json, JsonObject } from '../../model/app.ts';
import { shortHash } from '../../model/release.ts';
import { asObject } from '../json.ts';
import { findSecrets } from '../secret-places.ts';
import { TextFiles } from '../text-file.ts';
import { translateAci } from './aci.ts';
import { translateArm } from './arm-template.ts';
import { asAzureReads } from './as-azure-reads.ts';
import type { FormatOptions, Place, ProblemAt, TemplateFile, Translated } from './format.ts';
import { checkSecretPlaces } from './misplaced-secrets.ts';
import { translateKubernetes } from './kubernetes-manifest.ts';
import { checkGroup } from './group-checks.ts';
import { outlineOf } from './outline.ts';
import type { Outline } from './outline.ts';
import { recognise } from './recognise.ts';
import type { TemplateFormat } from './recognise.ts';
import { secretWarnings } from './secret-looks.ts';
import { OWN_KEYS, withPlaces, withVariants } from './variants.ts';
import type { Variant } from './variants.ts';

/** A path, and as messages show it. */
export interface NamedFile {
  readonly file: string;
  readonly shown: string;
}

export interface TemplateRequest extends NamedFile {
  readonly parameters: NamedFile | undefined;
  readonly values: Readonly<Record<string, Json>>;
  readonly resource: string | undefined;
  /** Of the config; the later ones win. */
  readonly overrides: readonly Variant[];
  /** One for each location, the first of which stands for the app. */
  readonly places: readonly [Place, ...Place[]];
}

export interface ReadTemplate extends Outline {
  readonly template: GroupTemplate;
  readonly format: TemplateFormat;
  /** Groups per location, where the file says so. */
  readonly replicas: number | undefined;
  readonly warnings: readonly string[];
}

interface Told {
  readonly file: TemplateFile;
  readonly format: TemplateFormat;
  readonly place: Place;
}

/** Without a call of this function, the location of the app is nowhere in it. */
const ASKS_FOR_PLACE = /resourceGroup/i;
/** No location of Azure's. */
const ELSEWHERE = 'elsewhere';

export class TemplateReader {
  readonly #files: TextFiles;
  readonly #translated = new Map<string, Translated>();
  readonly #checked = new Map<string, ReadTemplate>();

  constructor(files = new TextFiles()) {
    this.#files = files;
  }

  /** Throws ConfigError with every problem of the file. */
  read(request: TemplateRequest): ReadTemplate {
    const file = this.#text(request);
    const format = recognise(file.text);
    if (format === 'armParameters') throw new ConfigError([notTemplate(file)]);
    // Only an ARM template knows of places.
    const places = format === 'arm' ? inOrder(request.places) : [request.places[0]];
    const key = JSON.stringify({ ...request, file: file.file, places });
    const known = this.#checked.get(key);
    if (known !== undefined) return known;
    const read = this.#check(request, { file, format, places });
    this.#checked.set(key, read);
    return read;
  }

  #check(
    request: TemplateRequest,
    { file, format, places }: { file: TemplateFile; format: TemplateFormat; places: readonly Place[] },
  ): ReadTemplate {
    const [first, ...others] = places.map((place) => this.#translate(request, { file, format, place }));
    if (first === undefined) throw new Error('an app has a location');
    const own = others.flatMap((other, index): Variant[] =>
      canonical(other.document) === canonical(first.document)
        ? []
        : [{ location: places[index + 1]?.location, document: other.document }],
    );
    const overrides = request.overrides.map(({ set, ...variant }) =>
      set === undefined ? variant : { ...variant, set: asAzureReads(set, { keepsNull: true }) },
    );
    const written = withVariants(first.document, [...own, ...overrides]);
    const document = this.#isOfPlaces(request, { file, format, places, own })
      ? withPlaces(
          written,
          places.map(({ location }) => location),
        )
      : written;
    const { problemAt: firstAt = atTop(file) } = first;
    const problems = [
      ...OWN_KEYS.filter((key) => key in first.document).map((key) =>
        firstAt([key], `unknown key "${key}"; expected overrides of the app in the config`),
      ),
      ...[first, ...others].flatMap(({ document: one, problemAt = atTop(file) }) => [
        ...checkGroup(one, (path, message, hint) => problemAt(path, message, { hint })),
        ...checkSecretPlaces(one, problemAt),
      ]),
    ];
    if (problems.length > 0) throw new ConfigError(withoutRepeats(problems));
    const outline = outlineOf(first.document);
    return {
      ...outline,
      format,
      template: {
        file: resolve(file.file),
        document,
        // Where it is evaluated is no part of what it says.
        hash: shortHash(canonical(written), 16),
        containers: outline.containers,
      },
      replicas: first.replicas,
      warnings: [...first.warnings, ...secretWarnings(document).map((warning) => `${file.shown}: ${warning}`)],
    };
  }

  /** True where it comes out otherwise in some location, be it none of the app's. */
  #isOfPlaces(
    request: TemplateRequest,
    {
      own,
      places,
      ...given
    }: Omit<Told, 'place'> & {
      readonly own: readonly Variant[];
      readonly places: readonly Place[];
    },
  ): boolean {
    const [place] = places;
    if (own.length > 0) return true;
    if (place === undefined || given.format !== 'arm' || !ASKS_FOR_PLACE.test(given.file.text)) return false;
    const here = this.#translate(request, { ...given, place });
    try {
      const there = this.#translate(request, { ...given, place: { ...place, location: ELSEWHERE } });
      return canonical(there.document) !== canonical(here.document);
    } catch (error) {
      if (error instanceof ConfigError) return true;
      throw error;
    }
  }

  #translate(request: TemplateRequest, { file, format, place }: Told): Translated {
    refuseOptions(request, { file, format });
    const { resource, values } = request;
    const key = JSON.stringify([file.file, resource, request.parameters?.file, values, place]);
    const known = this.#translated.get(key);
    if (known !== undefined) return known;
    const { parameters } = request;
    const options = {
      resource,
      parameters: parameters === undefined ? undefined : this.#text(parameters),
      values,
      place,
    };
    const translated = translateAs(format, file, options);
    this.#translated.set(key, translated);
    return translated;
  }

  #text({ file, shown }: NamedFile): TemplateFile {
    return { file, shown, text: this.#files.read(file, shown) };
  }
}

function translateAs(format: TemplateFormat, file: TemplateFile, options: FormatOptions): Translated {
  switch (format) {
    case 'aci':
      return translateAci(file, options);
    case 'arm':
      return translateArm(file, options);
    case 'kubernetes':
      return translateKubernetes(file, options);
  }
}

/** What is said of a template besides its file, and means something to its format. */
const OPTIONS: Readonly<Record<TemplateFormat, ReadonlySet<string>>> = {
  aci: new Set(),
  arm: new Set(['parameters', 'values', 'resource']),
  kubernetes: new Set(['resource']),
};
const NAMES: Readonly<Record<TemplateFormat, string>> = {
  aci: 'a container group as it stands',
  arm: 'an ARM template',
  kubernetes: 'a Kubernetes manifest',
};

function refuseOptions(
  { parameters, values, resource }: TemplateRequest,
  { file, format }: { file: TemplateFile; format: TemplateFormat },
): void {
  const given = [
    ...(parameters === undefined ? [] : ['parameters']),
    ...(Object.keys(values).length === 0 ? [] : ['values']),
    ...(resource === undefined ? [] : ['resource']),
  ];
  const idle = given.filter((name) => !OPTIONS[format].has(name));
  if (idle.length === 0) return;
  const names = idle.join(' and ');
  const message = `${file.shown} is ${NAMES[format]}, so ${names} of the template ${idle.length === 1 ? 'means' : 'mean'} nothing; expected an ARM template, or no ${names}`;
  throw new ConfigError([atTop(file)([], message)]);
}

function notTemplate(file: TemplateFile): ConfigProblem {
  const hint = 'refer to it by template: {file: TEMPLATE, parameters: THIS FILE}';
  return atTop(file)([], 'this is a parameters file; expected the ARM template itself', { hint });
}

/** Where a format cannot tell the place: what is wrong is said with its path. */
function atTop({ shown, text }: TemplateFile): ProblemAt {
  return (path, message, { hint } = {}) => ({
    file: shown,
    line: 1,
    column: 1,
    excerpt: text.split(/\r?\n/, 1)[0] ?? '',
    message: path.length === 0 ? message : `${path.join('.')}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A manifest has told of its own, and keeps in secret volumes what is none. */
export function literalSecrets(document: JsonObject): readonly string[] {
  return findSecrets(document)
    .filter(({ value }) => typeof value === 'string')
    .map(
      ({ path }) =>
        `${path} is a secret in plain text; refer to it by {env: NAME}, {file: PATH} or {keyVault: {vault, secret}}`,
    );
}

/** The same app has the same document, in whatever order its locations are written. */
function inOrder(places: readonly Place[]): readonly Place[] {
  return [...places].sort((a, b) => (a.location < b.location ? -1 : 1));
}

/** A file that is wrong at each place is wrong once. */
function withoutRepeats(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** The same text for the same content, whatever the order of keys. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const object = asObject(value);
  if (object === undefined) return JSON.stringify(value) ?? '';
  const keys = Object.keys(object).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`).join(',')}}`;
}
