/**
 * `viridian adopt APP --endpoint NAME …`: takes groups that run, and the endpoints that lead to them, over as the live stack
 * of an app. Shows what it would tag, and does that alone; the daemon, whether it runs or not, finds the stack by its tags.
 */
import { createInterface } from 'node:readline/promises';
import { judgeAdoption } from '../adoption/look.ts';
import type { Judged, LookGiven } from '../adoption/look.ts';
import { obstacleText } from '../adoption/obstacle.ts';
import { tagGroups } from '../adoption/tag-groups.ts';
import type { AdoptionPlan } from '../adoption/plan.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { TransientError } from '../model/errors.ts';
import { planText } from './adopt-text.ts';
import { joinEdges } from './edges.ts';
import { readAppState, viewState } from './live-release.ts';
import { appOrTell, loadOrTell } from './settings-of.ts';
import type { TextOutput } from './validate.ts';

export interface AdoptCommand {
  readonly app: string;
  readonly config: string;
  readonly endpoint: readonly string[];
  readonly group: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
}

/** Undefined: there is nobody to ask. */
export type Confirm = ((question: string) => Promise<boolean>) | undefined;

/** Exit status: 0 where it is done (or was before), 1 where something is in the way or nobody agreed, 2 where the config is wrong or has no such app. */
export async function adopt(command: AdoptCommand, output: TextOutput, confirm: Confirm): Promise<number> {
  const loaded = loadOrTell(command.config, output);
  if (loaded === undefined) return 2;
  const { settings } = loaded;
  const app = appOrTell(command.app, { config: command.config, settings }, output);
  return app === undefined ? 2 : adoptFor(app, { settings, command, output, confirm });
}

interface Given {
  readonly settings: Settings;
  readonly command: AdoptCommand;
  readonly output: TextOutput;
  readonly confirm: Confirm;
}

async function adoptFor(app: App, { settings, command, output, confirm }: Given): Promise<number> {
  const edges = await joinEdges(settings);
  const asked = { app, owner: settings.owner, endpoints: command.endpoint, groups: command.group };
  const judged = await judgeAdoption(asked, lookingBy(app, settings, edges));
  if (judged.kind !== 'planned') return tell(judged, { app, command, output });
  const { plan } = judged;
  if (command.json && !command.yes) output.out(JSON.stringify({ outcome: 'planned', ...plan }));
  if (!command.json) output.out(planText(plan, { profile: app.traffic?.profile }));
  if (!command.yes && !(await isAgreed(command, output, confirm))) return 1;
  const onTagged = (group: string, isPending: boolean) =>
    command.json ? undefined : output.out(`${group}: tagged${isPending ? ' as pending' : ''}`);
  await tagGroups(plan, { ...edges, resourceGroup: app.resourceGroup, onTagged });
  output.out(command.json ? JSON.stringify({ outcome: 'adopted', ...plan }) : doneText(plan));
  return 0;
}

/** A plan alone is not a failure of who asked for it as JSON, but it has not been carried out, either. */
async function isAgreed(command: AdoptCommand, output: TextOutput, confirm: Confirm): Promise<boolean> {
  if (!command.json && confirm !== undefined && (await confirm('Take them over? [y/N] '))) return true;
  output.err('viridian: nothing was changed; --yes does it');
  return false;
}

function doneText({ app, groups }: AdoptionPlan): string {
  const one = groups.length === 1;
  return `${app}: ${groups.length} ${one ? 'group is' : 'groups are'} taken over. A daemon that runs app ${app} finds ${one ? 'it' : 'them'} within a minute; where the app is new in the config, start the daemon (again): viridian run`;
}

function tell(
  judged: Exclude<Judged, { kind: 'planned' }>,
  { app, command, output }: { app: App; command: AdoptCommand; output: TextOutput },
): number {
  if (judged.kind === 'adopted') {
    const { groups } = judged;
    const text = `${app.name}: ${groups.join(', ')} ${groups.length === 1 ? 'was' : 'were'} taken over before; nothing was changed`;
    output.out(command.json ? JSON.stringify({ app: app.name, outcome: 'unchanged', groups }) : text);
    return 0;
  }
  const { obstacles } = judged;
  if (command.json) output.out(JSON.stringify({ app: app.name, outcome: 'refused', obstacles }));
  for (const obstacle of obstacles) output.err(`viridian: ${obstacleText(obstacle)}`);
  output.err(`viridian: ${app.name} was not taken over; nothing was changed`);
  return 1;
}

function lookingBy(app: App, settings: Settings, edges: Awaited<ReturnType<typeof joinEdges>>): LookGiven {
  const { azure, clock, openRepository, credential } = edges;
  return {
    azure,
    now: () => clock.now(),
    async listTags({ registry, repository }, tag) {
      const place = settings.registries.find(({ host }) => host === registry);
      if (place === undefined) throw new TransientError(`registry ${registry} is not among those of the config`);
      const opened = openRepository(place, repository);
      if (tag !== undefined) opened.want?.(tag);
      return opened.listTags();
    },
    readState: async () => readAppState(app.name, await viewState(settings.state, credential)),
  };
}

/** On a terminal; elsewhere nobody answers. */
export function askOnTerminal(): Confirm {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return /^y(es)?$/i.test((await terminal.question(question)).trim());
    } finally {
      terminal.close();
    }
  };
}
