/** Reads the command line and exits: the only file that does either. Each command is loaded when it is asked for. */
import { Command, CommanderError } from 'commander';
import type { AzureCommand } from './cli/azure.ts';
import { addOfConfig } from './cli/config-commands.ts';
import { consoleOutput } from './cli/console-output.ts';
import { addControl } from './cli/control-commands.ts';
import type { MigrateCommand } from './cli/migrate.ts';
import { atLeastOne, collect, port, whole, workers } from './cli/option-values.ts';
import type { SimulateCommand } from './cli/simulate.ts';
import type { SoakCommand } from './cli/soak.ts';
import { version } from './cli/version.ts';

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
    .command('migrate')
    .description('copy the state from a folder to the container that the config names')
    .requiredOption('-c, --config <file>', 'config file with state.blob')
    .requiredOption('--from <folder>', 'state folder of a daemon that was stopped')
    .action(async (options: MigrateCommand) => {
      const { migrate } = await import('./cli/migrate.ts');
      status = await migrate(options, consoleOutput);
    });

  addOfConfig(program, (code) => (status = code));
  addControl(program, (code) => (status = code));
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
    .option('--edits', 'draw changes of the config, and apps that were taken over, as well', false)
    .option('--crash-everywhere', 'kill the daemon before and after every effect and save of each scenario', false)
    .option('--every <n>', 'of those, only every n-th effect or save, another one in each scenario', atLeastOne, 1)
    .option('--crash-at <point>', 'one of these points, as SCENARIO:WRITE:before|after')
    .option('--workers <n>', 'threads that run the seeds (default: as many as there are cores)', workers)
    .option('--plant <name>', 'plant a fault that must be found, or list them')
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (options: SimulateCommand) => {
      const { simulate } = await inCheckout(() => import('./cli/simulate.ts'));
      setStatus(await simulate(options, consoleOutput));
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
      setStatus(await soak(options, consoleOutput));
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
