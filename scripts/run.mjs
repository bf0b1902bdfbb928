import { spawn } from 'node:child_process';

/** A command that failed; `log` is all it printed. */
export class CommandFailed extends Error {
  constructor(command, outcome, log) {
    super(`${command} ${outcome}`);
    this.log = log;
  }
}

/**
 * Runs a command without a terminal and returns what it printed (stdout and stderr together).
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number }} [options] `seconds` bounds its run time
 * @throws {CommandFailed} when it cannot start, exits with another code than 0, or is stopped by a signal or the bound
 */
export async function run(command, args, { cwd, env, seconds } = {}) {
  const shown = [command, ...args].join(' ');
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not `timeout`, whose timer outlives a command that did not start.
    signal: seconds && AbortSignal.timeout(seconds * 1000),
    // npm and npx are batch files on Windows, which only a shell starts.
    shell: process.platform === 'win32' && command !== process.execPath,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      log += text;
    });
  }
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', ({ name, message }) => {
      const outcome = name === 'AbortError' ? `took longer than ${seconds} s` : `did not start: ${message}`;
      reject(new CommandFailed(shown, outcome, log));
    });
    child.on('close', (...ending) => resolve(ending));
  });
  if (signal) throw new CommandFailed(shown, `was stopped by ${signal}`, log);
  if (code !== 0) throw new CommandFailed(shown, `exited with ${code}`, log);
  return log;
}
