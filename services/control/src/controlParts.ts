import type { Database } from '@attune/database';
import type { ArnScope } from '@attune/domain';

/** What the control plane works with. */
export interface ControlParts {
  database: Database;
  scope: ArnScope;
  /** Milliseconds since the epoch. */
  now(): number;
}
