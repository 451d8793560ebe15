/** The template of an app and what some of its groups have in place of it, as written in the config. Pure. */
import { z } from 'zod';
import { secret, text } from './fields.ts';

const parameterValue = z
  .union([secret, z.json()])
  .describe('Value of a parameter of the ARM template, or `{env: NAME}` and the like for one that is a secret.');

const byReference = z.strictObject({
  file: text('Path, beside this file.'),
  parameters: text('Parameters file of an ARM template, beside this file.').optional(),
  values: z.record(z.string(), parameterValue).default({}).describe('Before those of the parameters file.'),
  resource: text('Name of the container group, Deployment or Pod, where the file has several.').optional(),
  outside: z.boolean().default(false).describe('Lets the files be outside of the folder of this file.'),
});

/** As an object, also where it was written as a path alone. */
export const templateSchema = z
  .union([text('Path, beside this file.'), byReference], {
    error: 'expected a path, or {file, parameters, values, resource, outside}',
  })
  .transform((given) => (typeof given === 'string' ? byReference.parse({ file: given }) : given))
  .describe(
    'Container group as `az container create --file` takes it, an ARM template, or a Kubernetes manifest: a path beside this file, or `{file, parameters, values, resource, outside}`.',
  );

const override = z
  .strictObject({
    location: text('One of `locations`.').optional(),
    replica: z.number().int().min(1).max(20).optional().describe('Number of the group in its location, from 1.'),
    set: z
      .record(z.string(), z.json())
      .describe('Merged into the group: `null` takes a key away, items of a list with the same `name` are merged.'),
  })
  .refine(({ location, replica }) => location !== undefined || replica !== undefined, {
    error: 'expected a location, a replica, or both',
  });

export const overridesSchema = z
  .array(override)
  .max(100)
  .default([])
  .describe('What some of its groups have in place of the template; the later ones win.');

export type OverrideConfig = z.output<typeof override>;
