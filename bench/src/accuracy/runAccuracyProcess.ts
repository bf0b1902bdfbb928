import { fork } from 'node:child_process';
import { join } from 'node:path';
import { InvalidInputError } from '@attune/domain';
import type { AccuracyAnswer, AccuracyJob, AccuracyResult } from './accuracyJob';

/** Measures one scorer in a process of its own. @throws InvalidInputError with the reason it gave, or with how it died */
export function runAccuracyProcess(job: AccuracyJob): Promise<AccuracyResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'accuracyProcess.js'), [JSON.stringify(job)], {
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
      execArgv: [],
    });
    let answer: AccuracyAnswer | undefined;
    child.on('message', (message: AccuracyAnswer) => {
      answer = message;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (answer && !('failure' in answer)) resolve(answer);
      else
        reject(new InvalidInputError(answer?.failure ?? `The process of ${job.scorer} ended with ${signal ?? code}.`));
    });
  });
}
