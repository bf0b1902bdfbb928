import { AccessDeniedError } from './errors';

/** What a caller may use: `control` changes and shows resources; `data` takes events and gives recommendations. */
export const PLANES = ['control', 'data'] as const;

export type Plane = (typeof PLANES)[number];

/** Who makes a call, and what it may do. */
export interface Caller {
  /** Names the caller in messages and logs. */
  name: string;
  planes: ReadonlySet<Plane>;
  /** The names of the dataset groups that it may use. Absent: all. */
  datasetGroups?: ReadonlySet<string>;
}

/** A caller that may do everything: what the server does by itself, and every caller of a server without keys. */
export const FULL_ACCESS: Caller = { name: 'full access', planes: new Set(PLANES) };

/** @throws AccessDeniedError where the caller may not use this plane at all */
export function requirePlane({ name, planes }: Caller, plane: Plane): void {
  if (planes.has(plane)) return;
  throw new AccessDeniedError(
    `The key "${name}" is for the ${[...planes].join(' and ')} plane, and this is the ${plane} plane. Use a key whose planes include "${plane}".`,
  );
}

/** @throws AccessDeniedError where the caller may not use this dataset group */
export function requireDatasetGroup({ name, datasetGroups }: Caller, datasetGroup: string): void {
  if (datasetGroups === undefined || datasetGroups.has(datasetGroup)) return;
  // It does not say which group: a caller learns nothing of groups that are not its own.
  throw new AccessDeniedError(
    `The key "${name}" may not use the dataset group of this request. It is for: ${[...datasetGroups].join(', ')}.`,
  );
}
