/** The part of the config that says where the daemon listens: to registries that tell of pushes, and to operators. */
import { z } from 'zod';
import { secret, text } from './fields.ts';

const listen = (address: string) =>
  z
    .string()
    .regex(/^((\d{1,3}\.){3}\d{1,3}|localhost|\[[0-9a-fA-F:]+\]):\d{1,5}$/, {
      error: `expected an address and a port, such as ${address}`,
    })
    .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, {
      error: 'expected a port of 65535 at most',
    })
    .default(address)
    .describe('Address and port.');

const tls = z
  .strictObject({
    cert: text('PEM file of the certificate and those above it.'),
    key: text('PEM file of its key.'),
  })
  .optional()
  .describe('Speaks https; plain http where absent.');

export const pushSchema = z
  .strictObject({
    listen: listen('127.0.0.1:8081'),
    secret,
    header: z
      .string()
      .regex(/^[\w-]{1,64}$/, { error: 'expected the name of a header' })
      .default('Authorization')
      .describe('Header that carries the secret, by itself or after `Bearer `.'),
    tls,
  })
  .describe('Registries tell of pushes here, so that no poll is waited for; absent: polls only.');

export const apiSchema = z
  .strictObject({
    listen: listen('127.0.0.1:8080').describe(
      'Address and port; one that other machines reach needs `tls`, as tokens would travel in plain text.',
    ),
    tokens: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^\w[\w.@-]{0,63}$/, { error: 'expected a name of letters, digits, and . _ @ - after the first' })
            .describe('Who it is: what is done with the token is written down by this name.'),
          token: secret,
        }),
      )
      .min(1)
      .max(100)
      .describe('Who may ask; a token of 16 characters or more for each person.'),
    tls,
  })
  .describe('Operators ask and command here, by `viridian status` and the like; absent: nobody can.');
