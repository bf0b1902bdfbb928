import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/domain';

/**
 * `npm run bench -- NAME [arguments]` runs one benchmark. Each is a module of this folder that exports `run`, and prints
 * one JSON object per line: `{"name","value","unit","peer","peer_value","ratio"}`.
 */
interface Benchmark {
  /** What is measured, in one line. */
  description: string;
  run(args: readonly string[]): Promise<void>;
}

/** `eventLatency` is called `event-latency` on the command line. */
const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function benchmarkNames(): Map<string, string> {
  const files = readdirSync(join(__dirname, 'benchmarks')).filter((file) => file.endsWith('.js'));
  return new Map(files.map((file) => [kebabCase(file.slice(0, -'.js'.length)), join(__dirname, 'benchmarks', file)]));
}

async function main([name, ...args]: readonly string[]): Promise<void> {
  const names = benchmarkNames();
  const path = name === undefined ? undefined : names.get(name);
  if (path === undefined || !existsSync(path)) {
    console.error(name === undefined ? 'Which benchmark?' : `There is no benchmark "${name}".`);
    for (const [each, file] of names) console.error(`  npm run bench -- ${each.padEnd(18)} ${load(file).description}`);
    process.exitCode = 2;
    return;
  }
  await load(path).run(args);
}

function load(path: string): Benchmark {
  return require(path) as Benchmark;
}

/** Whether it is an error of `util.parseArgs`: an option that there is not, or one without its value. */
function isAboutOptions(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // What an option or a file has wrong is told by its message; anything else by where it happened, too.
  console.error(error instanceof AttuneError || isAboutOptions(error) ? error.message : error);
  process.exitCode = 1;
});
