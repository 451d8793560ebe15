/**
 * `renovate.mjs HOST LOOKS`: what Renovate's Docker data source says is the newest tag of the repository `web`. Its memory
 * is emptied before each look, as at the beginning of each of its runs. Prints the tag and how long each look took.
 */
import { GlobalConfig } from 'renovate/dist/config/global.js';
import { init as initLogger } from 'renovate/dist/logger/index.js';
import { getPkgReleases } from 'renovate/dist/modules/datasource/index.js';
import { init as emptyMemory } from 'renovate/dist/util/cache/memory/index.js';
import { add as addHostRule } from 'renovate/dist/util/host-rules.js';

const [host = '', looks = ''] = process.argv.slice(2);
process.env.LOG_LEVEL = 'fatal';
await initLogger();
GlobalConfig.set({ dockerMaxPages: 20 });
addHostRule({ matchHost: new URL(`http://${host}`).hostname, insecureRegistry: true, allowInternal: true });

const seconds = [];
let newest;
while (seconds.length < Number(looks)) {
  emptyMemory();
  const from = performance.now();
  const found = await getPkgReleases({ datasource: 'docker', packageName: `${host}/web`, versioning: 'docker' });
  seconds.push((performance.now() - from) / 1000);
  newest = found?.releases.at(-1)?.version;
}
console.log(JSON.stringify({ newest, seconds }));
process.exit(0);
