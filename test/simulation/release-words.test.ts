import { expect, test } from 'vitest';
import { imagesIn, isNewer, isOlder, nameImages } from '../../src/simulation/release-words.ts';

test('a release of one image is called by its tag, of several by all of them in order', () => {
  const [api, web] = [
    { container: 'api', tag: '7.0.0' },
    { container: 'web', tag: '1.4.2' },
  ];
  expect([nameImages([]), nameImages([web]), nameImages([web, api])]).toEqual([
    undefined,
    '1.4.2',
    'api 7.0.0, web 1.4.2',
  ]);
  expect(imagesIn('1.4.2')).toEqual(new Map([['web', '1.4.2']]));
  expect(imagesIn('api 7.0.0, web 1.4.2')).toEqual(
    new Map([
      ['api', '7.0.0'],
      ['web', '1.4.2'],
    ]),
  );
});

test.each<[string, string, boolean, boolean]>([
  ['1.1.0', '1.0.0', true, false],
  ['1.0.0', '1.0.0', false, false],
  ['api 1.0.0, web 1.0.0', 'api 1.0.0, web 1.1.0', false, true],
  ['api 1.2.0, web 1.0.0', 'api 1.0.0, web 1.1.0', true, true],
  ['api 1.2.0, web 1.1.0', 'api 1.0.0, web 1.1.0', true, false],
])('%s against %s: newer in some image %s, older in some %s', (name, than, newer, older) => {
  expect([isNewer(name, than), isOlder(name, than)]).toEqual([newer, older]);
});
