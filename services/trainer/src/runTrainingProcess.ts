import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { AttuneError } from '@attune/domain';
import type { TrainingMessage } from './trainingJob';

/** As much of the process's error output as a failure shows. */
const MAX_ERROR_OUTPUT = 2000;

/** Thrown when a training failed for a reason that its owner should read. */
export class TrainingFailedError extends AttuneError {
  constructor(reason: string) {
    super('InvalidInput', reason);
  }
}

/** Thrown when the training process died without a word. */
export class TrainingDiedError extends TrainingFailedError {}

/**
 * Runs the training process on a job file, at low priority so that serving goes first.
 * @param signal ends the process; the promise then rejects with the signal's reason
 * @throws TrainingFailedError with the reason the process gave
 * @throws TrainingDiedError with how it died
 */
export function runTrainingProcess(
  jobFile: string,
  onMessage: (message: TrainingMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'trainingProcess.js'), [jobFile], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
      // The parent's own flags (a debugger's port, a test runner's loader) are not meant for it.
      execArgv: [],
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let errorOutput = '';
    let outcome: TrainingMessage | undefined;
    child.stderr?.on('data', (chunk: Buffer) => {
      errorOutput = (errorOutput + chunk.toString()).slice(-MAX_ERROR_OUTPUT);
    });
    child.on('message', (message: TrainingMessage) => {
      if (message.type === 'done' || message.type === 'failed') outcome = message;
      else onMessage(message);
    });
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', abort);
      if (signal.aborted) reject(signal.reason);
      else if (outcome?.type === 'done') resolve();
      else if (outcome?.type === 'failed') reject(new TrainingFailedError(outcome.reason));
      else reject(new TrainingDiedError(describeDeath(code, killedBy, errorOutput)));
    });
  });
}

function describeDeath(code: number | null, killedBy: NodeJS.Signals | null, errorOutput: string): string {
  const how = killedBy ? `was ended by ${killedBy}` : `ended with code ${code}`;
  const hint = killedBy === 'SIGKILL' ? ' The system does this when memory runs out.' : '';
  const output = errorOutput.trim();
  return `The training process ${how}.${hint}${output ? ` Its last words: ${output}` : ''}`;
}
