import { describe, expect, test } from 'vitest';
import { followedRepositories } from '../../src/server/followed.ts';

function followedOf(...images: readonly string[]) {
  const sources = images.map((image) => {
    const at = image.indexOf('/');
    return { registry: image.slice(0, at), repository: image.slice(at + 1) };
  });
  const endpoints: Record<string, string> = {
    'docker.io': 'https://registry-1.docker.io',
    'local.azurecr.io': 'https://127.0.0.1:8443',
  };
  const registries = [...new Set(sources.map(({ registry }) => registry))].map((host) => ({
    host,
    endpoint: endpoints[host] ?? `https://${host}`,
  }));
  const followed = followedRepositories({ registries, apps: [{ images: sources }] });
  return (host: string, repository: string) => followed({ host, repository });
}

describe('what a push is about', () => {
  test.each([
    ['shop.azurecr.io/shop/web', 'shop.azurecr.io', 'shop/web'],
    ['shop.azurecr.io/shop/web', 'Shop.AzureCR.io:443', 'shop/web'],
    ['docker.io/nginx', 'docker.io', 'nginx'],
    ['docker.io/nginx', 'registry-1.docker.io', 'library/nginx'],
    ['docker.io/library/nginx', 'index.docker.io', 'nginx'],
    ['docker.io/library/nginx', 'docker.io', 'library/nginx'],
    ['registry.lan:5000/web', 'registry.lan:5000', 'web'],
    ['registry.lan:443/web', 'registry.lan', 'web'],
    ['local.azurecr.io/web', '127.0.0.1:8443', 'web'],
  ])('%s, as %s and %s', (image, host, repository) => {
    expect(followedOf(image)(host, repository)).toEqual([image]);
  });

  test.each([
    ['other.azurecr.io', 'web'],
    ['shop.azurecr.io', 'web2'],
    ['shop.azurecr.io', 'Web'],
    ['shop.azurecr.io', 'library/web'],
    ['shop.azurecr.io:5000', 'web'],
    ['', ''],
    ['__proto__', 'constructor'],
  ])('S21: nothing where no app follows it: %s and %s', (host, repository) => {
    expect(followedOf('shop.azurecr.io/web')(host, repository)).toEqual([]);
  });

  test('each spelling of a repository that apps use', () => {
    const followed = followedOf('docker.io/nginx', 'docker.io/library/nginx');
    expect(followed('docker.io', 'library/nginx')).toEqual(['docker.io/nginx', 'docker.io/library/nginx']);
  });
});
