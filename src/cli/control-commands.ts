/** The commands of operators, as they are typed: each talks to the daemon by its API, and is loaded when it is asked for. */
import { setTimeout as wait } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { parseDuration } from '../model/duration.ts';
import { HOUR } from '../model/time.ts';
import { consoleOutput as output } from './console-output.ts';
import type { ApiClient, ApiOptions } from './api-client.ts';

type SetStatus = (code: number) => void;
interface Typed extends ApiOptions {
  readonly json: boolean;
}

const WATCH_MS = 2000;
const LONGEST_BYPASS_MS = 7 * 24 * HOUR;

export function addControl(program: Command, setStatus: SetStatus): void {
  addReads(program, setStatus);
  const say: Say = async (app, options, body) =>
    setStatus(
      await withClient(options, async (client) => {
        const { command } = await import('./command.ts');
        return command(client, { app, json: options.json, body }, output);
      }),
    );
  addOfRollout(program, say);
  addOfApp(program, say);
}

/** As the API takes it. */
interface Body {
  readonly command: string;
  readonly reason?: string | undefined;
  readonly rollout?: string | undefined;
  readonly release?: string | undefined;
  readonly full?: boolean | undefined;
  readonly forSeconds?: number | undefined;
}
type Say = (app: string, options: Typed, body: Body) => Promise<void>;
type Given = Typed & Omit<Body, 'command' | 'release'>;

function addOfRollout(program: Command, say: Say): void {
  ofApi(program.command('promote <app>'), 'let the rollout under way go on where it waits for a person')
    .option('--full', 'past all further waits of this rollout', false)
    .option('--rollout <id>', 'only if this one is under way')
    .action((app: string, options: Given) => {
      const { full, rollout } = options;
      return say(app, options, { command: 'promote', full, rollout });
    });
  ofApi(program.command('abort <app>'), 'turn the rollout under way back, and do not start its release again')
    .option('-r, --reason <text>', 'why, for others')
    .option('--rollout <id>', 'only if this one is under way')
    .action((app: string, options: Given) => {
      const { reason, rollout } = options;
      return say(app, options, { command: 'abort', reason, rollout });
    });
  ofApi(
    program.command('rollback <app> [release]'),
    'go back to an earlier release, the one before where none is named',
  )
    .option('--rollout <id>', 'only if this one is under way')
    .action((app: string, release: string | undefined, options: Given) =>
      say(app, options, { command: 'rollback', release, rollout: options.rollout }),
    );
}

function addOfApp(program: Command, say: Say): void {
  ofApi(program.command('pause <app>'), 'stop where it is: nothing is looked at or changed, deadlines stop')
    .option('-r, --reason <text>', 'why, for others')
    .action((app: string, options: Given) => say(app, options, { command: 'pause', reason: options.reason }));
  ofApi(program.command('resume <app>'), 'go on after a pause').action((app: string, options: Given) =>
    say(app, options, { command: 'resume' }),
  );
  ofApi(program.command('retry <app> [release]'), 'forget what is held against a release, so that it may start').action(
    (app: string, release: string | undefined, options: Given) => say(app, options, { command: 'retry', release }),
  );
  ofApi(program.command('hold <app>'), 'start no new rollout until it is released; repairs go on')
    .requiredOption('-r, --reason <text>', 'the message that is shown')
    .action((app: string, options: Given) => say(app, options, { command: 'hold', reason: options.reason }));
  ofApi(program.command('bypass <app>'), 'let its windows not count for a while, so that a rollout may start')
    .requiredOption('-f, --for <duration>', 'such as 2h or 30m, a week at most; 0s ends it', seconds)
    .action((app: string, options: Given & { for: number }) =>
      say(app, options, { command: 'bypass', forSeconds: options.for }),
    );
  ofApi(program.command('release <app>'), 'lift the hold').action((app: string, options: Given) =>
    say(app, options, { command: 'release' }),
  );
}

function seconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration with its unit, such as 2h or 30m.');
  if (ms > LONGEST_BYPASS_MS) throw new InvalidArgumentError('Expected a week (168h) at most.');
  return Math.ceil(ms / 1000);
}

function addReads(program: Command, setStatus: SetStatus): void {
  ofApi(program.command('status [app]'), 'what runs, what is under way, what it waits for')
    .option('-w, --watch', 'again and again', false)
    .action(async (app: string | undefined, { watch, ...options }: Typed & { watch: boolean }) =>
      setStatus(
        await withClient(options, async (client) => {
          const { status, watchStatus } = await import('./status.ts');
          const given = { app, json: options.json };
          if (!watch) return status(client, given, output);
          const next = async () => wait(WATCH_MS, true);
          return watchStatus(client, given, { output, isTerminal: process.stdout.isTTY, next });
        }),
      ),
    );
  ofApi(program.command('history <app>'), 'rollouts and commands of the past')
    .option('--evidence [rollout]', 'logs, events, probes and checks of one that failed, the last where none is named')
    .action(async (app: string, { evidence: asked, json, ...options }: Typed & { evidence?: string | true }) =>
      setStatus(
        await withClient({ ...options, json }, async (client) => {
          const { evidence, history } = await import('./history.ts');
          if (asked === undefined) return history(client, { app, json }, output);
          return evidence(client, { app, rollout: asked === true ? undefined : asked, json }, output);
        }),
      ),
    );
  ofApi(program.command('explain <app>'), 'why an app does or does not move').action(
    async (app: string, options: Typed) =>
      setStatus(
        await withClient(options, async (client) => {
          const { explain } = await import('./explain.ts');
          return explain(client, { app, json: options.json }, output);
        }),
      ),
  );
}

function ofApi(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--api <url>', 'URL of the daemon (default: of --config, $VIRIDIAN_API, or http://127.0.0.1:8080)')
    .option('-c, --config <file>', 'config file of the daemon, for its address')
    .option('--token-env <name>', 'environment variable with your token', 'VIRIDIAN_TOKEN')
    .option('--json', 'print the result as one JSON object', false);
}

/** Exit status: 1 where the daemon cannot be asked or has refused, 2 where what was typed is wrong. */
async function withClient(options: Typed, act: (client: ApiClient) => Promise<number>): Promise<number> {
  const { ApiClient, ApiError, UsageError } = await import('./api-client.ts');
  const { printable } = await import('../model/printable.ts');
  try {
    return await act(new ApiClient(options, process.env));
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`viridian: ${error.message}`);
      return 2;
    }
    if (!(error instanceof ApiError)) throw error;
    if (options.json) output.out(JSON.stringify({ result: 'failed', message: error.message }));
    else output.err(`viridian: ${printable(error.message)}`);
    return 1;
  }
}
