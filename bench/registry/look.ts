/**
 * `look.ts HOST LOOKS`: Viridian's own look at the repository `web`, as its daemon does it: the list, the policy's choice,
 * and the digest of what is chosen, which each later list brings along. Prints the choice and how long each look took.
 */
import { choose } from '../../src/policy/choose.ts';
import { openRegistries } from '../../src/registry/open.ts';

const [host = '', looks = ''] = process.argv.slice(2);
const open = openRegistries({
  credential: { getToken: async () => null },
  audience: '',
  readSecret: async () => '',
  onUnknownError: () => undefined,
  now: () => Date.now(),
});
const place = { host, endpoint: `http://${host}`, kind: 'oci', credential: { kind: 'anonymous' } } as const;
const repository = open(place, 'web');

/** The list again where the digest has to be asked for, as the poller does. */
async function look(): Promise<string> {
  for (let lists = 0; lists < 2; lists += 1) {
    const list = await repository.listTags();
    if (list.kind === 'unknown') throw new Error(list.reason);
    const { chosen } = choose({ kind: 'semver', range: '*', prerelease: false }, list.tags, {
      running: undefined,
      now: Date.now(),
    });
    if (chosen === undefined) throw new Error('nothing was chosen');
    if (chosen.digest !== undefined) return chosen.name;
    repository.want?.(chosen.name);
  }
  throw new Error('the digest stays unknown');
}

const seconds: number[] = [];
let newest = '';
while (seconds.length < Number(looks)) {
  const from = performance.now();
  newest = await look();
  seconds.push((performance.now() - from) / 1000);
}
console.log(JSON.stringify({ newest, seconds }));
process.exit(0);
