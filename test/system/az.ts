/** The real `az` command line, pointed at a local Azure: a configuration of its own, nothing of the user's is touched. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { LocalAzure } from '../../src/simulator/start.ts';

/** Looks on PATH only: even `az --version` writes to the user's configuration and asks the network for updates. */
export function isAzInstalled(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, 'az')));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface AzAnswer {
  readonly status: number;
  /** Parsed from `-o json`; undefined where nothing was printed. */
  readonly json: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

export type Az = (...args: readonly string[]) => Promise<AzAnswer>;

/** Registers the local Azure as a cloud and signs in to it. */
export async function pointAz(azure: LocalAzure, folder: string): Promise<Az> {
  const modules = join(folder, 'python');
  await mkdir(modules, { recursive: true });
  await writeFile(join(modules, 'sitecustomize.py'), ALIAS);
  const env = {
    ...process.env,
    AZURE_CONFIG_DIR: join(folder, 'az'),
    REQUESTS_CA_BUNDLE: azure.caFile,
    PYTHONPATH: [modules, process.env['PYTHONPATH'] ?? ''].filter((part) => part !== '').join(delimiter),
    // A proxy of the machine cannot reach a server on its loopback; Python looks at both spellings.
    NO_PROXY: 'localhost',
    no_proxy: 'localhost',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_NO_COLOR: 'true',
    AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
  };
  const az: Az = (...args) => call([...args, '--output', 'json'], env);
  const { url } = azure;
  // The ending /adfs keeps az from asking the public discovery service about the authority.
  await succeed(
    az(
      'cloud',
      'register',
      '--name',
      'local',
      '--endpoint-resource-manager',
      url,
      '--endpoint-active-directory',
      `${url}/adfs`,
      '--endpoint-active-directory-resource-id',
      'https://management.azure.com',
      '--endpoint-active-directory-graph-resource-id',
      url,
      '--endpoint-management',
      url,
      '--endpoint-gallery',
      url,
    ),
  );
  await succeed(az('cloud', 'set', '--name', 'local'));
  await succeed(
    az(
      'login',
      '--service-principal',
      '--username',
      '22222222-2222-2222-2222-222222222222',
      '--password',
      'right',
      '--tenant',
      '33333333-3333-3333-3333-333333333333',
    ),
  );
  return az;
}

async function succeed(answer: Promise<AzAnswer>): Promise<void> {
  const { status, stderr } = await answer;
  if (status !== 0) throw new Error(`az cannot be pointed at the local Azure: ${stderr}`);
}

function call(args: readonly string[], env: NodeJS.ProcessEnv): Promise<AzAnswer> {
  const { promise, resolve } = Promise.withResolvers<AzAnswer>();
  const child = execFile('az', args, { env, timeout: 120_000 }, (_, stdout, stderr) => {
    resolve({ status: child.exitCode ?? 1, json: parse(stdout), stdout, stderr });
  });
  return promise;
}

/** Logs are printed as they are, whatever `--output` says. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Debian's azure-cli asks for a version of the network module that its python3-azure does not have: the nearest newer
 * one answers in its place.
 */
const ALIAS = `import importlib, importlib.abc, importlib.util, sys

WANTED, PRESENT = 'azure.mgmt.network.v2022_01_01', 'azure.mgmt.network.v2022_07_01'


class Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name != WANTED and not name.startswith(WANTED + '.'):
            return None
        if importlib.util.find_spec('azure.mgmt.network') is None:
            return None
        if importlib.machinery.PathFinder.find_spec(name, path) is not None:
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return importlib.import_module(spec.name.replace(WANTED, PRESENT, 1))

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Alias())
`;
