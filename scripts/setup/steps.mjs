import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setupNative } from '../native/setupNative.mjs';
import { findTfjsNode, isLinked } from '../native/tfjsNode.mjs';
import { run } from '../run.mjs';
import { digest, filesBelow, packageFolders, readJson, root } from './workspace.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} doing what the terminal shows while it runs
 * @property {() => string} inputs a hash of all that its result depends on
 * @property {(line: string) => boolean} isPresent whether the result is there still; `line` is what `run` returned
 * @property {() => Promise<string>} run does it, and returns one line that says what was done
 */

/** @type {Step} */
const packages = {
  name: 'packages',
  doing: 'Installing packages',
  inputs: () =>
    digest(
      [process.platform, process.arch, process.versions.modules],
      ['package.json', ...packageFolders().map((folder) => path.join(folder, 'package.json'))].concat(
        'pnpm-lock.yaml',
        'pnpm-workspace.yaml',
      ),
    ),
  isPresent: () => existsSync(path.join(root, 'node_modules', '.modules.yaml')),
  run: async () => {
    const version = readJson('package.json').packageManager.replace('pnpm@', '');
    const [command, ...args] = await findPnpm(version);
    await run(
      command,
      [...args, 'install', '--frozen-lockfile', '--prod=false', '--reporter=append-only'],
      environment,
    );
    return `Packages installed with pnpm ${version}`;
  },
};

/** @type {Step} */
const native = {
  name: 'native',
  doing: 'Setting up TensorFlow',
  inputs: () => digest([packages.inputs(), process.env.ATTUNE_NATIVE ?? ''], []),
  isPresent: (line) => !line.startsWith('TensorFlow: native') || isLinked(findTfjsNode().folder),
  run: setupNative,
};

const generated = path.join('libs', 'proto', 'src', 'generated');
const descriptors = path.join(generated, 'descriptors.binpb');

/** @type {Step} */
const proto = {
  name: 'proto',
  doing: 'Generating TypeScript from proto/',
  inputs: () => digest([packages.inputs()], ['buf.gen.yaml', 'buf.yaml', ...filesBelow('proto')]),
  isPresent: () => existsSync(path.join(root, descriptors)),
  run: async () => {
    await run(tool('buf'), ['generate'], environment);
    await run(tool('buf'), ['build', '--exclude-source-info', '-o', descriptors], environment);
    return 'TypeScript generated from proto/';
  },
};

/** @type {Step} */
const build = {
  name: 'build',
  doing: 'Building',
  inputs: () =>
    digest(
      [packages.inputs()],
      ['tsconfig.json', 'tsconfig.base.json'].concat(
        packageFolders().flatMap((folder) => [
          path.join(folder, 'tsconfig.json'),
          ...filesBelow(path.join(folder, 'src')),
        ]),
      ),
    ),
  isPresent: () =>
    packageFolders().every((folder) => existsSync(path.join(root, folder, 'dist', 'tsconfig.tsbuildinfo'))),
  run: async () => {
    for (const folder of packageFolders()) removeOrphans(folder);
    await run(tool('tsc'), ['-b'], environment);
    return `${packageFolders().length} packages built`;
  },
};

/** In the order in which they run: each needs those before it. */
export const steps = [packages, native, proto, build];

/** A production environment installs no tools; npm finds the same Node as runs this. */
const environment = {
  cwd: root,
  env: {
    ...process.env,
    NODE_ENV: undefined,
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  },
};

/** The machine's own pnpm if it is of this version (or its corepack makes it so), else one from the registry. */
async function findPnpm(version) {
  const found = await run('pnpm', ['--version'], { ...environment, seconds: 60 }).catch(() => '');
  return found.trim().endsWith(version)
    ? ['pnpm']
    : ['npm', 'exec', '--yes', `--package=pnpm@${version}`, '--', 'pnpm'];
}

function tool(name) {
  return path.join(root, 'node_modules', '.bin', name);
}

/** The compiler leaves what it made of sources deleted since, tests included, which Jest would still run. */
function removeOrphans(folder) {
  const dist = path.join(folder, 'dist');
  if (!existsSync(path.join(root, dist))) return;
  for (const file of filesBelow(dist)) {
    const [, stem] = /^(.*?)\.(?:d\.ts|js)(?:\.map)?$/.exec(path.relative(dist, file)) ?? [];
    if (stem && !existsSync(path.join(root, folder, 'src', `${stem}.ts`))) rmSync(path.join(root, file));
  }
}
