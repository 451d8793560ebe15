/**
 * `viridian tags APP --config FILE`: lists the repositories of an app as the daemon does, and says why each tag would or
 * would not run. Only looks: beside a daemon that runs, and without its lock.
 */
import type { Settings } from '../config/settings.ts';
import { runningTag } from '../controller/desired.ts';
import type { App, ImageSource } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import type { RunningTag } from '../policy/choice.ts';
import { explain } from '../policy/choose.ts';
import type { OpenedRepository } from '../registry/open.ts';
import { choiceJson, choiceText, tagTable } from './choice-text.ts';
import { joinEdges } from './edges.ts';
import { readLiveRelease } from './live-release.ts';
import { appOrTell, loadOrTell } from './settings-of.ts';
import type { TextOutput } from './validate.ts';

export interface TagsCommand {
  readonly app: string;
  readonly config: string;
  readonly json: boolean;
}

/** What became of one image, as JSON and as text. */
interface Looked {
  readonly json: object;
  readonly text: string;
  /** Why its tags cannot be listed. */
  readonly failure?: string;
}

/** Exit status: 0 with an answer for every image, 1 where a list is missing, 2 where the config is wrong or has no such app. */
export async function tagsOfApp(command: TagsCommand, output: TextOutput): Promise<number> {
  const loaded = loadOrTell(command.config, output);
  if (loaded === undefined) return 2;
  const { settings } = loaded;
  const app = appOrTell(command.app, { config: command.config, settings }, output);
  return app === undefined ? 2 : print(app, { settings, command, output });
}

async function print(
  app: App,
  { settings, command, output }: { settings: Settings; command: TagsCommand; output: TextOutput },
): Promise<number> {
  const { credential, openRepository, clock } = await joinEdges(settings);
  const live = await readLiveRelease(app.name, settings.state, credential);
  if (live.kind === 'unknown') output.err(`viridian: ${live.reason}; chosen as if nothing ran`);
  const looks: Looked[] = [];
  for (const source of app.images) {
    const place = settings.registries.find(({ host }) => host === source.registry);
    if (place === undefined) continue;
    const list = await listTags(openRepository(place, source.repository), source);
    const release = live.kind === 'known' ? live.release : undefined;
    looks.push(look(source, list, { release, now: clock.now() }));
  }
  const texts = looks.flatMap(({ text, failure }) => (failure === undefined ? [text] : []));
  if (!command.json && texts.length > 0) output.out(texts.join('\n\n'));
  for (const { failure } of looks) if (failure !== undefined) output.err(`viridian: ${failure}`);
  if (command.json) output.out(JSON.stringify({ app: app.name, images: looks.map(({ json }) => json) }));
  return looks.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

/** Where the registry lists names only, with the digest that the policy compares. */
function listTags(repository: OpenedRepository, { policy }: ImageSource): Promise<TagList> {
  if (policy.kind === 'digest') repository.want?.(policy.tag);
  return repository.listTags();
}

function look(source: ImageSource, list: TagList, given: { release: Release | undefined; now: number }): Looked {
  const image = `${source.registry}/${source.repository}`;
  const place = { container: source.container, image };
  if (list.kind === 'unknown') {
    return { json: { ...place, error: list.reason }, text: '', failure: list.reason };
  }
  const running = runningTag(source, given.release);
  const explained = explain(source.policy, list.tags, { running, now: given.now });
  const json = {
    ...place,
    // oxlint-disable-next-line unicorn/no-null -- JSON has no undefined
    running: running?.name ?? null,
    ...choiceJson(explained),
    behind: explained.behind,
  };
  const behind = tagTable('behind', explained.behind, list.tags.length);
  const text = [heading(source, running), choiceText(explained, list.tags.length), ...behind].join('\n');
  return { json, text };
}

function heading({ container, registry, repository }: ImageSource, running: RunningTag | undefined): string {
  return `${container}: ${registry}/${repository}, ${running === undefined ? 'nothing runs' : `${running.name} runs`}`;
}
