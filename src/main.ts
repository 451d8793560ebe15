/** Reads the command line and exits: the only file that does either. Each command is loaded when it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { AdoptCommand } from './cli/adopt.ts';
import type { AzureCommand } from './cli/azure.ts';
import type { ChooseCommand } from './cli/choose.ts';
import { addControl } from './cli/control-commands.ts';
import type { ImportCommand } from './cli/import.ts';
import type { MigrateCommand } from './cli/migrate.ts';
import type { RenderCommand } from './cli/render.ts';
import type { SimulateCommand } from './cli/simulate.ts';
import type { SoakCommand } from './cli/soak.ts';
import type { TagsCommand } from './cli/tags.ts';
import { readTime } from './cli/tag-lines.ts';
import { version } from './cli/version.ts';
import type { RunningTag } from './policy/choice.ts';

export async function main(): Promise<void> {
  const program = new Command('viridian')
    .description('Blue-green upgrades of Azure Container Instances behind Traffic Manager.')
    .version(version)
    // What is typed wrongly ends with 2, as a config that is wrong does; each command after this one does the same.
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(viridian --help lists the commands)');
  let status = 0;

  program
    .command('run')
    .description('run the daemon')
    .requiredOption('-c, --config <file>', 'config file')
    .action(async ({ config }: { config: string }) => {
      const { run } = await import('./cli/run.ts');
      status = await run(config);
    });

  program
    .command('validate')
    .description('check a config file and its templates; starts nothing')
    .argument('<file>', 'config file')
    .option('--live', 'look at the Azure and the registries that it names, too: rights, quota, profiles, images', false)
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (file: string, options: { live: boolean; json: boolean }) => {
      status = await check(file, options);
    });

  program
    .command('migrate')
    .description('copy the state from a folder to the container that the config names')
    .requiredOption('-c, --config <file>', 'config file with state.blob')
    .requiredOption('--from <folder>', 'state folder of a daemon that was stopped')
    .action(async (options: MigrateCommand) => {
      const { migrate } = await import('./cli/migrate.ts');
      status = await migrate(options, { out: (text) => console.log(text), err: (text) => console.error(text) });
    });

  addRender(program, (code) => (status = code));
  addImport(program, (code) => (status = code));
  addAdopt(program, (code) => (status = code));
  addTags(program, (code) => (status = code));
  addControl(program, (code) => (status = code));
  addChoose(program, (code) => (status = code));
  addAzure(program, (code) => (status = code));
  addSimulate(program, (code) => (status = code));
  addSoak(program, (code) => (status = code));

  program
    .command('demo')
    .description('upgrade two apps on a local Azure under load, and watch')
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async ({ json }: { json: boolean }) => {
      const { demo } = await inCheckout(() => import('./cli/demo.ts'));
      const out = {
        isTTY: process.stdout.isTTY && !json,
        columns: process.stdout.columns ?? 120,
        write: (text: string) => void process.stdout.write(text),
      };
      status = await demo({ json, out });
    });

  try {
    await program.parseAsync();
  } catch (error) {
    // It has said what is wrong itself, or was asked for help.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    console.error(`viridian: ${error instanceof Error ? error.message : String(error)}`);
    status = 1;
  }
  // Sockets that a library keeps open must not keep the process; all that matters has been awaited.
  process.exit(status);
}

function addRender(program: Command, setStatus: (code: number) => void): void {
  program
    .command('render')
    .description('print the container groups of an app as Azure would get them, secrets masked; asks nobody')
    .argument('<app>', 'name of an app in the config')
    .option('-c, --config <file>', 'config file', 'viridian.yaml')
    .option('--location <name>', 'those of one location')
    .option('--replica <n>', 'those with this number in their location', atLeastOne)
    .option('--json', 'print them as one JSON list', false)
    .action(async (app: string, options: Omit<RenderCommand, 'app'> & Partial<RenderCommand>) => {
      const { render } = await import('./cli/render.ts');
      const out = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
      setStatus(render({ ...options, app, location: options.location, replica: options.replica }, out));
    });
}

async function check(file: string, { live, json }: { live: boolean; json: boolean }): Promise<number> {
  const output = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
  if (!live) return (await import('./cli/validate.ts')).validate({ file, json }, output);
  const { preflight } = await import('./cli/preflight.ts');
  return preflight({ file, json, colour: process.stdout.isTTY && !json }, output);
}

function addTags(program: Command, setStatus: (code: number) => void): void {
  program
    .command('tags')
    .description('list the tags of an app in its registries, and say why each would or would not run')
    .argument('<app>', 'name of an app in the config')
    .option('-c, --config <file>', 'config file', 'viridian.yaml')
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (app: string, options: Omit<TagsCommand, 'app'>) => {
      const { tagsOfApp } = await import('./cli/tags.ts');
      const out = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
      setStatus(await tagsOfApp({ ...options, app }, out));
    });
}

function addImport(program: Command, setStatus: (code: number) => void): void {
  program
    .command('import')
    .description('write a first config and templates from container groups and profiles that are there')
    .argument('<resource-group>', 'where they are')
    .option('--subscription <id>', 'subscription of the public cloud')
    .option('--azure <file>', 'file with the azure block of a config (and registries), in place of --subscription')
    .addOption(
      new Option('--credential <kind>', 'who asks, with --subscription')
        .choices(['azureCli', 'environment', 'managedIdentity'])
        .default('azureCli'),
    )
    .option('--profile <name>', 'only what this profile leads to (repeat for more)', collect, [])
    .option('--out <dir>', 'folder that the files are written to', '.')
    .action(async (resourceGroup: string, options: Omit<ImportCommand, 'resourceGroup'>) => {
      const { importGroups } = await import('./cli/import.ts');
      const out = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
      setStatus(await importGroups({ ...options, resourceGroup }, out));
    });
}

function addAdopt(program: Command, setStatus: (code: number) => void): void {
  program
    .command('adopt')
    .description('take groups that run, and their endpoints, over as the live stack of an app')
    .argument('<app>', 'name of an app in the config')
    .option('-c, --config <file>', 'config file', 'viridian.yaml')
    .option('--endpoint <name>', 'endpoint of its profile that leads to one of them (repeat for more)', collect, [])
    .option('--group <name>', 'one of them, where the app has no traffic (repeat for more)', collect, [])
    .option('--yes', 'do what is shown, and ask nobody', false)
    .option('--json', 'print the plan or what was done as one JSON object', false)
    .action(async (app: string, options: Omit<AdoptCommand, 'app'>) => {
      const { adopt, askOnTerminal } = await import('./cli/adopt.ts');
      const out = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
      setStatus(await adopt({ ...options, app }, out, askOnTerminal()));
    });
}

function addChoose(program: Command, setStatus: (code: number) => void): void {
  program
    .command('choose')
    .description('try a policy on a list of tags from the standard input; asks no registry')
    .requiredOption('-p, --policy <file>', 'file with the policy block of a config alone')
    .option('--running <tag[@digest]>', 'what runs now', runningTag)
    .option('--now <time>', 'the time that minAge counts back from, such as 2026-01-31T12:00:00Z', instant)
    .option('--json', 'print the result as one JSON object in the last line', false)
    .addHelpText(
      'after',
      '\nA line for each tag: the tag; where known, a tab and its push time (ISO), a tab and its digest.\n' +
        "Example: printf '1.4.2\\n1.5.0\\n' | viridian choose --policy POLICY.yaml --running 1.4.2",
    )
    .action(async (options: Omit<ChooseCommand, 'running' | 'now'> & Partial<ChooseCommand>) => {
      const { chooseOffline } = await import('./cli/choose.ts');
      const command = { ...options, running: options.running, now: options.now ?? Date.now() };
      const out = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
      setStatus(await chooseOffline(command, process.stdin, out));
    });
}

function addAzure(program: Command, setStatus: (code: number) => void): void {
  const command = program
    .command('azure')
    .description('run a local Azure: ARM, registry, tokens, key vaults, Traffic Manager with DNS')
    .option('--port <n>', 'HTTPS port', port, 8443)
    .option('--dns-port <n>', 'DNS port, UDP and TCP', port, 8453)
    .option('--identity-port <n>', 'port of the managed identity endpoint', port, 8480)
    .option('--folder <dir>', 'folder that ca.pem is written to', '.local-azure')
    .option('--registry <host>', 'host of its registry in image names', 'local.azurecr.io')
    .option('--resource-group <name>', 'resource group of the profiles made at the start', 'local')
    .option('--profile <name[:ttl[:port[:path]]]>', 'make a Traffic Manager profile (repeat for more)', collect, [])
    .option('--secret <vault/name=value>', 'set a secret of a key vault (repeat for more)', collect, [])
    .option('--create-ms <ms>', 'time that a container group takes to run', whole, 3000)
    .option('--probe-interval-ms <ms>', 'monitoring interval, in place of the profiles’ own', whole)
    .option('--json', 'print where it runs as one JSON object', false)
    .action(
      async (options: Omit<AzureCommand, 'profiles' | 'secrets'> & Record<'profile' | 'secret', readonly string[]>) => {
        const { azure, parseProfile, parseSecret } = await inCheckout(() => import('./cli/azure.ts'));
        const { profile, secret, ...rest } = options;
        const parse = <T>(texts: readonly string[], name: string, read: (text: string) => T) =>
          texts.map((text) => {
            try {
              return read(text);
            } catch (error) {
              // A secret stays out of what is said.
              const shown = name === '--secret' ? text.replace(/=.*$/s, '=…') : text;
              const message = error instanceof Error ? error.message : '';
              return command.error(`error: option '${name}' argument '${shown}': ${message}`);
            }
          });
        const profiles = parse(profile, '--profile', parseProfile);
        const secrets = parse(secret, '--secret', parseSecret);
        setStatus(await azure({ ...rest, profiles, secrets }));
      },
    );
}

function addSimulate(program: Command, setStatus: (code: number) => void): void {
  program
    .command('simulate')
    .description('run the daemon in virtual time, with faults, and judge it by the rules')
    .option('--seeds <n>', 'how many seeds', atLeastOne, 100)
    .option('--from <seed>', 'the first of them', whole, 1)
    .option('--seed <seed>', 'one seed, with what it has drawn', whole)
    .option('--trace', 'print every line that the daemon logs', false)
    .option('--crash-everywhere', 'kill the daemon before and after every effect and save of each scenario', false)
    .option('--every <n>', 'of those, only every n-th effect or save, another one in each scenario', atLeastOne, 1)
    .option('--crash-at <point>', 'one of these points, as SCENARIO:WRITE:before|after')
    .option('--workers <n>', 'threads that run the seeds (default: as many as there are cores)', workers)
    .option('--plant <name>', 'plant a fault that must be found, or list them')
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (options: SimulateCommand) => {
      const { simulate } = await inCheckout(() => import('./cli/simulate.ts'));
      setStatus(await simulate(options, { out: (text) => console.log(text), err: (text) => console.error(text) }));
    });
}

function addSoak(program: Command, setStatus: (code: number) => void): void {
  program
    .command('soak')
    .description('upgrade again and again under load, with faults and kills, in real time')
    .option('--rollouts <n>', 'how many upgrades', atLeastOne, 100)
    .option('--kills <n>', 'how often the daemon is killed meanwhile', whole, 20)
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (options: SoakCommand) => {
      const { soak } = await inCheckout(() => import('./cli/soak.ts'));
      setStatus(await soak(options, { out: (text) => console.log(text), err: (text) => console.error(text) }));
    });
}

/** The container image has no local Azure: says so in place of a missing module. */
async function inCheckout<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('this command needs the local Azure, which is not in the container image; run it in a checkout', {
      cause: error,
    });
  }
}

function runningTag(text: string): RunningTag {
  const match = /^(\w[\w.+-]{0,127})(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  const [, name, digest] = match ?? [];
  if (name === undefined) throw new InvalidArgumentError('expected a tag, or a tag, @ and its digest.');
  return { name, digest };
}

function instant(text: string): number {
  const time = readTime(text);
  if (time === undefined) throw new InvalidArgumentError('expected a time such as 2026-01-31T12:00:00Z.');
  return time;
}

function port(text: string): number {
  const number = whole(text);
  if (number > 65_535) throw new InvalidArgumentError('expected a port, 0 to 65535.');
  return number;
}

function workers(text: string): number {
  const number = whole(text);
  if (number < 1 || number > 256) throw new InvalidArgumentError('expected a number of workers, 1 to 256.');
  return number;
}

function atLeastOne(text: string): number {
  const number = whole(text);
  if (number < 1) throw new InvalidArgumentError('expected a whole number of at least 1.');
  return number;
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
