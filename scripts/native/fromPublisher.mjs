import { cpSync } from 'node:fs';
import path from 'node:path';
import { run } from '../run.mjs';

const storage = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';

/**
 * tfjs-node's own install script: downloads TensorFlow's C library and the prebuilt binding into `build`.
 *
 * It runs on a copy of the package, since it rewrites package.json, which may be a hard link into pnpm's store.
 */
export async function fromPublisher(tfjsNode, build) {
  await fetch(storage, { method: 'HEAD', signal: AbortSignal.timeout(3000) }).catch((error) => {
    throw new Error(`${new URL(storage).host} cannot be reached (${error.cause?.code ?? error.name})`);
  });
  cpSync(tfjsNode.folder, build, {
    recursive: true,
    filter: (source) => !['node_modules', 'lib', 'deps'].includes(path.relative(tfjsNode.folder, source)),
  });
  const modules = path.join(tfjsNode.folder, '..', '..');
  await run(process.execPath, [path.join('scripts', 'install.js')], {
    cwd: build,
    env: {
      ...process.env,
      NODE_PATH: modules,
      PATH: [path.join(tfjsNode.folder, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter),
    },
    seconds: 240,
  });
}
