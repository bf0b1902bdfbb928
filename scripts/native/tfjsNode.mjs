import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run.mjs';

const recommender = fileURLToPath(new URL('../../libs/recommender/package.json', import.meta.url));

/** The Node-API version whose build of the binding tfjs-node looks for: the newest that both know. */
const napi = Math.min(8, Number(process.versions.napi));

/** Where tfjs-node looks for its native binding, relative to its folder. */
export const bindingFolder = path.join('lib', `napi-v${napi}`);

/**
 * The installed `@tensorflow/tfjs-node`, as the recommender resolves it.
 * @returns {{ folder: string, version: string } | undefined} undefined when it is not installed
 */
export function findTfjsNode() {
  const require = createRequire(recommender);
  try {
    const manifest = require.resolve('@tensorflow/tfjs-node/package.json');
    return { folder: path.dirname(manifest), version: require(manifest).version };
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Lets tfjs-node (in `folder`) load the binding that lies in `build`. */
export function link(folder, build) {
  unlink(folder);
  mkdirSync(path.join(folder, 'lib'), { recursive: true });
  symlinkSync(path.join(build, bindingFolder), path.join(folder, bindingFolder), 'junction');
}

/** Takes the binding away: one that does not work could stop a whole process, by an instruction its CPU lacks. */
export function unlink(folder) {
  rmSync(path.join(folder, bindingFolder), { recursive: true, force: true });
}

/** Whether a binding is in place, without loading it. False when its cache was deleted. */
export function isLinked(folder) {
  return existsSync(path.join(folder, bindingFolder, 'tfjs_binding.node'));
}

/**
 * Loads tfjs-node in a child process and takes a gradient with it.
 * @returns {Promise<string>} the version of TensorFlow's library
 * @throws {CommandFailed} when the binding does not load or computes something else
 */
export async function verify() {
  const check = fileURLToPath(new URL('verify.cjs', import.meta.url));
  const log = await run(process.execPath, [check, recommender], { seconds: 60 });
  return /^TensorFlow (\S+)$/m.exec(log)[1];
}
