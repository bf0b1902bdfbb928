/**
 * What `npm test` does once all is built: lint, then Jest; then the faults, where ATTUNE_TEST_FAULTS is 1.
 * `npm test -- ARGUMENTS` gives the arguments to Jest and leaves lint and faults out. `npm run test:faults -- --times 10`
 * runs the faults ten times, and ends with the first run that fails. The last line counts the tests of all runs.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './run.mjs';
import { root } from './setup/workspace.mjs';

/** Runs `npm run lint` and prints what it found. */
async function lint() {
  try {
    await run('npm', ['run', '--silent', 'lint'], { cwd: root });
    console.error('Lint: nothing found');
    return true;
  } catch (error) {
    console.error(`${error.log}\nLint: ${error.message}`);
    return false;
  }
}

/** @returns {Promise<object>} Jest's own summary: the content of its --outputFile */
async function runJest(args) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'attune-test-'));
  const summary = path.join(folder, 'summary.json');
  try {
    const jest = spawn(
      process.execPath,
      // The tests' environment uses vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER, which Node still calls experimental.
      ['--disable-warning=ExperimentalWarning', path.join('node_modules', 'jest', 'bin', 'jest.js')].concat(
        ['--json', '--outputFile', summary, '--passWithNoTests', ...(process.stderr.isTTY ? ['--colors'] : [])],
        args,
      ),
      { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env } },
    );
    const stop = setInterval(() => {
      if (writtenBefore(summary, 3000)) jest.kill();
    }, 1000);
    await new Promise((resolve, reject) => jest.on('error', reject).on('close', resolve));
    clearInterval(stop);
    return JSON.parse(readFileSync(summary, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a test file leaves running, for which it has failed, must not keep Jest from ending once it has its summary. */
function writtenBefore(file, milliseconds) {
  const written = statSync(file, { throwIfNoEntry: false });
  return written !== undefined && Date.now() - written.mtimeMs > milliseconds;
}

/** @returns {{ runs: string[][], withLint: boolean }} Jest's arguments for each run of it */
function plan(given) {
  const { values, tokens } = parseArgs({
    args: given,
    options: { times: { type: 'string', default: '1' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const times = Number(values.times);
  if (!Number.isInteger(times) || times < 1) throw new Error(`--times must be a whole number, and is ${values.times}.`);
  const ours = tokens
    .filter(({ name }) => name === 'times')
    .flatMap(({ index, inlineValue }) => (inlineValue ? [index] : [index, index + 1]));
  const args = given.filter((_, index) => !ours.includes(index));
  const withFaults = given.length === 0 && process.env.ATTUNE_TEST_FAULTS === '1';
  return {
    runs: [...Array.from({ length: times }, () => args), ...(withFaults ? [FAULTS] : [])],
    withLint: given.length === 0,
  };
}

const FAULTS = ['--config', 'jest.faults.config.js'];

const { runs, withLint } = plan(process.argv.slice(2));
const lintPassed = !withLint || (await lint());
let [passed, failed, skipped, succeeded] = [0, 0, 0, true];
for (const args of runs) {
  const summary = await runJest(args);
  passed += summary.numPassedTests;
  // A file that cannot run, or leaves something running, is one failure.
  failed += summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  skipped += summary.numPendingTests + summary.numTodoTests;
  succeeded &&= summary.success;
  if (!succeeded) break;
}
if (passed + failed === 0) console.error('No test ran.');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = lintPassed && succeeded && passed > 0 && failed === 0 ? 0 : 1;
