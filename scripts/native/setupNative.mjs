import { existsSync } from 'node:fs';
import { cachedBuild, replace } from './cache.mjs';
import { fromPublisher } from './fromPublisher.mjs';
import { fromWheel } from './fromWheel.mjs';
import { findTfjsNode, isLinked, link, unlink, verify } from './tfjsNode.mjs';

/**
 * Puts TensorFlow's native binding for Node in place, by the first way that works: it is there; it is in the cache
 * (~/.cache/attune); its publisher's download; TensorFlow's Python wheel and a compiler. Never fails: without the
 * binding Attune runs on WebAssembly, several times slower in training. `ATTUNE_NATIVE=off` chooses that.
 * @returns {Promise<string>} one line: which backend there is, and why
 */
export async function setupNative() {
  const tfjsNode = findTfjsNode();
  if (process.env.ATTUNE_NATIVE === 'off') {
    if (tfjsNode) unlink(tfjsNode.folder);
    return wasm('ATTUNE_NATIVE is off');
  }
  if (!tfjsNode) return wasm('@tensorflow/tfjs-node is not installed');

  const build = cachedBuild(tfjsNode);
  const ways = [
    ['in place', () => isLinked(tfjsNode.folder)],
    ['from the cache', () => existsSync(build) && !link(tfjsNode.folder, build)],
    ["from its publisher's download", () => make(fromPublisher)],
    ['compiled against its Python wheel', () => make(fromWheel)],
  ];
  const make = async (from) => {
    await replace(build, (folder) => from(tfjsNode, folder));
    link(tfjsNode.folder, build);
    return true;
  };
  const failures = [];
  for (const [how, attempt] of ways) {
    try {
      if (await attempt()) return `TensorFlow: native ${await verify()}, ${how}`;
    } catch (error) {
      failures.push(error);
    }
  }
  unlink(tfjsNode.folder);
  return wasm(failures.map((error) => explain(error)).join('; '));
}

function wasm(reason) {
  return `TensorFlow: WASM backend (native not available: ${reason})`;
}

/** The message and, of a failed command, the last line it printed. */
function explain(error) {
  const last = error.log?.trim().split('\n').at(-1);
  return last ? `${error.message}: ${last}` : error.message;
}
