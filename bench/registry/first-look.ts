/**
 * `first-look.ts CONFIG REPOSITORY TAGS`: lists a repository once and prints what that took. The memory that the process
 * had before, with the SDK loaded and types stripped, is told apart from what the list adds at its peak.
 */
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';

const [file = '', name = '', tags = ''] = process.argv.slice(2);
const { settings } = loadSettings(file);
const { openRepository } = await joinEdges(settings);
const [place] = settings.registries;
if (place === undefined) throw new Error('the config has no registry');
const repository = openRepository(place, name);
const before = process.cpuUsage();
const beforeMiB = process.memoryUsage.rss() / 2 ** 20;
const list = await repository.listTags();
const { user, system } = process.cpuUsage(before);
const processPeakMiB = process.resourceUsage().maxRSS / 1024;
if (list.kind === 'unknown') throw new Error(list.reason);
if (list.tags.length !== Number(tags)) throw new Error(`${list.tags.length} of ${tags} tags were listed`);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMiB: processPeakMiB - beforeMiB, processPeakMiB }));
process.exit(0);
