#!/usr/bin/env node
/**
 * The launcher, in plain JavaScript so that an old Node can read it: runs Viridian with a Node that is new enough, or
 * says in one line what is missing. In a checkout, the Node pinned in node_modules is used where the machine's is older.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WANTED = [22, 18];
const here = dirname(fileURLToPath(import.meta.url));
const isCheckout = existsSync(join(here, 'main.ts'));

if (isNewEnough(process.versions.node)) {
  process.env.VIRIDIAN_NODE = '';
  if (nodeModule.enableCompileCache !== undefined) nodeModule.enableCompileCache();
  await keepSmall();
  const { main } = await import(isCheckout ? './main.ts' : './main.js');
  await main();
} else {
  const pinned = process.env.VIRIDIAN_NODE === undefined ? pinnedNode() : undefined;
  if (pinned === undefined) {
    console.error(
      `viridian needs Node.js ${WANTED.join('.')} or newer, this is ${process.versions.node}; ` +
        'install Node.js 24, or run `npm ci` here and start it with `npm run -s viridian --`.',
    );
    process.exit(1);
  }
  runWith(pinned);
}

/**
 * The daemon is small and long-lived: a small young generation saves some 40 MiB, and in a checkout some 25 MiB more where
 * the types of its own code are stripped by the process before it (what that one loads comes from the compile cache). The
 * flag counts only at the start of a process, so this one is replaced by itself, in place, where the system can do that.
 */
async function keepSmall() {
  const isSet = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((flag) => flag.includes('semi-space'));
  if (isSet || process.argv[2] !== 'run' || typeof process.execve !== 'function' || process.platform === 'win32')
    return;
  if (isCheckout) {
    await Promise.all([import('./main.ts'), import('./cli/run.ts')]);
    nodeModule.flushCompileCache?.();
  }
  process.removeAllListeners('warning');
  process.execve(
    process.execPath,
    [process.execPath, '--max-semi-space-size=1', ...process.execArgv, ...process.argv.slice(1)],
    { MALLOC_ARENA_MAX: '1', ...process.env },
  );
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1]);
}

function pinnedNode() {
  const require = nodeModule.createRequire(import.meta.url);
  const { platform, arch } = process;
  const name = platform === 'win32' ? `node-win-${arch}` : `node-${platform}-${arch}`;
  for (const candidate of [name, `node-bin-${platform}-${arch}`]) {
    try {
      const folder = dirname(require.resolve(`${candidate}/package.json`));
      const binary = join(folder, 'bin', platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(binary)) return binary;
    } catch {
      // not installed for this platform: the next name
    }
  }
  return undefined;
}

function runWith(node) {
  const env = { ...process.env, VIRIDIAN_NODE: node };
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGTERM' ? 143 : 1);
  });
}
