import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { steps } from './steps.mjs';
import { readJson, root } from './workspace.mjs';

const lockFile = path.join(root, '.cache', 'setup.lock');
/** What was done, by step. In node_modules, so that it goes with what it tells of. */
const doneFile = path.join(root, 'node_modules', '.attune-setup.json');

/**
 * From a bare clone to a built workspace on a machine with Node and npm only: brings pnpm, installs, sets up TensorFlow's
 * native binding, generates and builds. Where nothing has changed since the last time it only looks. Prints a line per
 * step on stderr; when one fails, its whole log, and ends the process.
 */
export async function bootstrap() {
  refuseOldNode();
  if (!nextStep()) return;
  const done = await withLock(lockFile, async () => {
    for (let step = nextStep(); step; step = nextStep()) {
      if (!(await perform(step))) return false;
    }
    return true;
  });
  if (!done) process.exit(1);
}

function refuseOldNode() {
  const needed = readJson('package.json').engines.node.replace('>=', '');
  const [major, minor] = needed.split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  console.error(`Attune needs Node ${needed} or newer; this is ${process.versions.node}. See https://nodejs.org.`);
  process.exit(1);
}

function readDone() {
  try {
    return JSON.parse(readFileSync(doneFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** The first step that was never done, or whose inputs have changed or result has gone since. */
function nextStep() {
  const done = readDone();
  return steps.find(({ name, inputs, isPresent }) => done[name]?.inputs !== inputs() || !isPresent(done[name].line));
}

/** @returns {Promise<boolean>} whether it succeeded */
async function perform({ name, doing, inputs, run }) {
  const before = inputs();
  const start = performance.now();
  if (process.stderr.isTTY) process.stderr.write(`  ${doing}...`);
  try {
    const line = await run();
    writeFileSync(doneFile, JSON.stringify({ ...readDone(), [name]: { inputs: before, line } }, null, 2));
    clearLine();
    console.error(`  ${line} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    clearLine();
    console.error(`  ${doing} failed: ${error.message}\n${error.log ?? error.stack}`);
    return false;
  }
}

function clearLine() {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
}
