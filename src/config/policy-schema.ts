/** The policy block as written: which tag of a repository is wanted. Pure. */
import { z } from 'zod';
import { duration, text } from './fields.ts';

export const RULES = ['semver', 'numerical', 'alphabetical', 'calver', 'newest', 'digest', 'regex', 'pin'] as const;

const LONGEST_PATTERN = 500;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const isTag = (value: string) => TAG.test(value);
const isDigest = (value: string) => DIGEST.test(value);

const pattern = (description: string) => z.string().min(1).max(LONGEST_PATTERN).describe(description);

const tag = z.string().refine(isTag, { error: 'expected a tag, such as latest' });

const order = (description: string) =>
  z
    .strictObject({
      order: z.enum(['asc', 'desc']).default('asc').describe('`asc`: the highest wins; `desc`: the lowest.'),
    })
    .optional()
    .describe(description);

const semver = z
  .union(
    [
      z.string().min(1),
      z.strictObject({
        range: text('Range of versions.'),
        prerelease: z.boolean().default(false).describe('Whether pre-releases count.'),
      }),
    ],
    { error: 'expected a range such as ">=1.0.0 <2", or {range, prerelease}' },
  )
  .optional()
  .describe('The highest version within a range, e.g. `">=1.0.0 <2"`, or `{range, prerelease: true}`.');

const calver = z
  .union([z.string().min(1).max(100), z.strictObject({ format: z.string().min(1).max(100) })], {
    error: 'expected a format such as YYYY.MM.DD',
  })
  .optional()
  .describe('The latest calendar version by a format of the tokens of calver.org, e.g. `YYYY.0M.MICRO`.');

const newest = z
  .union([z.literal(true), z.strictObject({})], { error: 'expected true' })
  .optional()
  .describe('`true`: the tag pushed last, by the time that the registry gives.');

const digest = z
  .union(
    [
      tag,
      z.strictObject({
        tag,
        update: z.enum(['never', 'once', 'always']).default('always'),
      }),
    ],
    { error: 'expected a tag such as latest, or {tag, update: never, once or always}' },
  )
  .optional()
  .describe(
    'Follows one tag that moves, e.g. `{tag: latest, update: always}`: a release for each new digest (`always`), for each name of the tag (`once`), or the first for ever (`never`).',
  );

const pin = z
  .string({ error: 'expected a tag in quotes, or a digest' })
  .refine((value) => isTag(value) || isDigest(value), {
    error: 'expected a tag, or a digest: sha256: and 64 hex digits in lower case',
  })
  .optional()
  .describe('Always this tag or digest, whatever else there is.');

const filter = z
  .strictObject({
    include: pattern('Only tags that match; with `^` and `$` as a whole.').optional(),
    extract: z
      .string()
      .min(1)
      .max(LONGEST_PATTERN)
      .optional()
      .describe('What the policy reads in place of the tag, from the groups of `include`: `$n`, `${n}`, `$1`.'),
    exclude: z
      .array(pattern('Tags that match are left out.'))
      .max(50)
      .optional()
      .describe('In place of the default, which leaves out signatures and attestations.'),
    deny: z
      .array(
        z.string().refine((value) => isTag(value) || isDigest(value), {
          error: 'expected a tag in quotes, or a digest: sha256: and 64 hex digits in lower case',
        }),
      )
      .max(1000)
      .default([])
      .describe('Tags and digests that are never taken.'),
    minAge: duration('Since the push: younger tags wait.').prefault('0s'),
  })
  .optional()
  .describe('What is left out before the policy chooses.');

export const policySchema = z
  .strictObject({
    semver,
    numerical: order('The highest whole number, of any size.'),
    alphabetical: order('The last by the alphabet, by code points.'),
    calver,
    newest,
    digest,
    regex: pattern(
      'Of the tags that match as a whole, the one pushed last: short for `newest` with a filter.',
    ).optional(),
    pin,
    filter,
  })
  .refine((given) => RULES.filter((rule) => given[rule] !== undefined).length === 1, {
    error: `expected exactly one of ${RULES.slice(0, -1).join(', ')} and ${RULES.at(-1)}`,
  })
  .describe('Which tag is wanted: one kind of policy, and a filter before it.');

export type PolicyConfig = z.output<typeof policySchema>;
export type FilterConfig = NonNullable<PolicyConfig['filter']>;

/** JSON Schema of a policy block alone. */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(policySchema, { io: 'input' });
}
