import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bindingFolder } from './tfjsNode.mjs';

const hourMs = 3_600_000;

/** The cache's folder for this tfjs-node on this kind of machine; it is there whole or not at all. */
export function cachedBuild(tfjsNode) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const name = `tfjs-node-${tfjsNode.version}-${process.platform}-${process.arch}-${path.basename(bindingFolder)}`;
  return path.join(cache, 'attune', name);
}

/**
 * Lets `make` fill a new folder and puts it where `build` was. An interrupted or failed `make` leaves `build` as it was;
 * what it had written is removed then, or after an hour by the next call.
 */
export async function replace(build, make) {
  const parent = path.dirname(build);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent).filter((name) => name.startsWith('partial-'))) {
    const left = path.join(parent, name);
    if (Date.now() - statSync(left).mtimeMs > hourMs) rmSync(left, { recursive: true, force: true });
  }
  const partial = mkdtempSync(path.join(parent, 'partial-'));
  try {
    await make(path.join(partial, 'new'));
    if (existsSync(build)) renameSync(build, path.join(partial, 'old'));
    publish(path.join(partial, 'new'), build);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function publish(folder, build) {
  try {
    renameSync(folder, build);
  } catch (error) {
    // Another clone's set-up was faster: what it made is as good.
    if (!existsSync(build)) throw error;
  }
}
