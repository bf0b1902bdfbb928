import type { Bus } from '@attune/bus';
import type { Database } from '@attune/database';
import type { ArnScope } from '@attune/domain';
import type { JobQueue } from '@attune/jobs';
import type { ObjectStore } from '@attune/objectstore';
import type { Logger } from '@attune/service';

/** What resources are kept with. */
export interface ResourceParts {
  database: Database;
  /** Where the resources of this server live. */
  scope: ArnScope;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What the control plane works with. */
export interface ControlParts extends ResourceParts {
  bus: Bus;
  objects: ObjectStore;
  jobs: JobQueue;
  logger: Logger;
}
