/**
 * Names made from texts. The values of uniqueString are those that others got from Azure's own library or have published
 * for their copies of it; those of guid are UUIDs of version 5 as python's uuid makes them.
 */
import { expect, test } from 'vitest';
import { guid, uniqueString } from '../../../src/config/templates/arm-hash.ts';

test.each([
  ['fsnwonksnm7cy', 't'],
  ['o57ehhbytctgs', 'te'],
  ['ebse57jls4qbc', 'tes'],
  ['rbgf3xv4ufgzg', 'test'],
  ['cj2xpqsiwjfne', 'fubar'],
  ['6rkxbspxjmsho', 'fu'],
  ['q5wxoscxs5j6k', 'fu', 'bar'],
  ['d5ykh7yoidm2a', 't', 'e'],
  ['bqgd334z2uj64', 'test', 'test2', 'test3'],
  ['a7wkljktk6wne', 'hello', 'world'],
  ['cgtzqvhu4i23s', 'abc'],
  ['xzi4ioaxtmth4', 'foo', 'bar', 'baz'],
  ['bmg7c6xu4tw46', '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg'],
  ['cwvxuqg24sifi', '/subscriptions/00000000-0000-0000-0000-000000000000', 'resource-id'],
  [
    'z22rah77jfqry',
    '/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/my-rg',
    'Microsoft.Storage/storageAccounts',
  ],
])('uniqueString gives %s as Azure does', (wanted, ...texts) => {
  expect(uniqueString(texts)).toBe(wanted);
});

test.each([
  ['d6a5baf1-8b9b-542a-8525-2982f1f98a0c', 'test'],
  ['e655a85f-3ab2-5e4a-9666-569aa72a5a10', ''],
  ['2d796349-8c7e-55ec-9624-54ece82ed031', 'a', 'b'],
])('guid gives %s', (wanted, ...texts) => {
  expect(guid(texts)).toBe(wanted);
});
