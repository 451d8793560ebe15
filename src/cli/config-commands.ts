/**
 * The commands that look at a config and what it leads to, as they are typed, with no daemon in between. Each is loaded when
 * it is asked for.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { AdoptCommand } from './adopt.ts';
import type { ChooseCommand } from './choose.ts';
import type { ImportCommand } from './import.ts';
import { consoleOutput as output } from './console-output.ts';
import { atLeastOne, collect, instant, runningTag } from './option-values.ts';
import type { RenderCommand } from './render.ts';
import type { TagsCommand } from './tags.ts';

type SetStatus = (code: number) => void;

export function addOfConfig(program: Command, setStatus: SetStatus): void {
  addValidate(program, setStatus);
  addRender(program, setStatus);
  addImport(program, setStatus);
  addAdopt(program, setStatus);
  addTags(program, setStatus);
  addChoose(program, setStatus);
}

function addValidate(program: Command, setStatus: SetStatus): void {
  program
    .command('validate')
    .description('check a config file and its templates; starts nothing')
    .argument('<file>', 'config file')
    .option('--live', 'look at the Azure and the registries that it names, too: rights, quota, profiles, images', false)
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (file: string, options: { live: boolean; json: boolean }) => {
      setStatus(await check(file, options));
    });
}

function addRender(program: Command, setStatus: SetStatus): void {
  program
    .command('render')
    .description('print the container groups of an app as Azure would get them, secrets masked; asks nobody')
    .argument('<app>', 'name of an app in the config')
    .option('-c, --config <file>', 'config file', 'viridian.yaml')
    .option('--location <name>', 'those of one location')
    .option('--replica <n>', 'those with this number in their location', atLeastOne)
    .option('--json', 'print them as one JSON list', false)
    .action(async (app: string, options: Omit<RenderCommand, 'app'> & Partial<RenderCommand>) => {
      const { render } = await import('./render.ts');
      setStatus(render({ ...options, app, location: options.location, replica: options.replica }, output));
    });
}

async function check(file: string, { live, json }: { live: boolean; json: boolean }): Promise<number> {
  if (!live) return (await import('./validate.ts')).validate({ file, json }, output);
  const { preflight } = await import('./preflight.ts');
  return preflight({ file, json, colour: process.stdout.isTTY && !json }, output);
}

function addTags(program: Command, setStatus: SetStatus): void {
  program
    .command('tags')
    .description('list the tags of an app in its registries, and say why each would or would not run')
    .argument('<app>', 'name of an app in the config')
    .option('-c, --config <file>', 'config file', 'viridian.yaml')
    .option('--json', 'print the result as one JSON object in the last line', false)
    .action(async (app: string, options: Omit<TagsCommand, 'app'>) => {
      const { tagsOfApp } = await import('./tags.ts');
      setStatus(await tagsOfApp({ ...options, app }, output));
    });
}

function addImport(program: Command, setStatus: SetStatus): void {
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
      const { importGroups } = await import('./import.ts');
      setStatus(await importGroups({ ...options, resourceGroup }, output));
    });
}

function addAdopt(program: Command, setStatus: SetStatus): void {
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
      const { adopt, askOnTerminal } = await import('./adopt.ts');
      setStatus(await adopt({ ...options, app }, output, askOnTerminal()));
    });
}

function addChoose(program: Command, setStatus: SetStatus): void {
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
      const { chooseOffline } = await import('./choose.ts');
      const command = { ...options, running: options.running, now: options.now ?? Date.now() };
      setStatus(await chooseOffline(command, process.stdin, output));
    });
}
