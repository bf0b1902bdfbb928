import type { Database } from '@attune/database';
import type { ObjectStore } from '@attune/objectstore';
import type { Logger } from '@attune/service';

/** What trainings work with. */
export interface TrainingParts {
  database: Database;
  objects: ObjectStore;
  /** A folder for the files of trainings in progress. */
  workFolder: string;
  /** Where artifacts go, for example `s3://attune/models`. */
  artifactRoot: string;
  codeVersion: string;
  timeBudgetSeconds?: number;
  /** Data whose training would take more memory is refused. Default: 80% of what the machine or the container has. */
  memoryLimitBytes?: number;
  /** A checkpoint of a training is due so many seconds after the last one. @default 30 */
  checkpointSeconds?: number;
  /** Absent: the best TensorFlow backend there is. */
  backend?: 'native' | 'wasm';
  /** Milliseconds since the epoch. */
  now(): number;
  logger: Logger;
}
