/**
 * What each template format gives: one common document, in the shape that `az container create --file` takes. What comes
 * after it, from checks to rendering, knows of no format.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import type { Path } from '../yaml-file.ts';

export interface TemplateFile {
  /** Absolute path. */
  readonly file: string;
  /** Path in messages. */
  readonly shown: string;
  /** Not empty, 1 MiB at most. */
  readonly text: string;
}

/** Where a group will be. */
export interface Place {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly location: string;
}

export interface FormatOptions {
  /** Of several groups in the file, the one by this name. */
  readonly resource: string | undefined;
  /** Values of parameters, of an ARM template. */
  readonly parameters: TemplateFile | undefined;
  /** Values of parameters that come before those of the file; a secret by its reference. */
  readonly values: Readonly<Record<string, Json>>;
  readonly place: Place;
}

export interface Translated {
  readonly document: JsonObject;
  /** Groups per location, where the file says so. */
  readonly replicas: number | undefined;
  readonly warnings: readonly string[];
  /** Where what is wrong at a path of the document stands in the file; at its first line where absent. */
  readonly problemAt?: ProblemAt;
}

export type ProblemAt = (path: Path, message: string, options?: { hint?: string | undefined }) => ConfigProblem;

/** Throws ConfigError with every problem of the file. */
export type TranslateTemplate = (file: TemplateFile, options: FormatOptions) => Translated;
