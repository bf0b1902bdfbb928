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

/**
 * @param datasetGroup of what the caller names; undefined where there is no such resource
 * @throws AccessDeniedError where the caller is for some dataset groups, and this is none of them
 */
export function requireDatasetGroup({ name, datasetGroups }: Caller, datasetGroup: string | undefined): void {
  if (datasetGroups === undefined || (datasetGroup !== undefined && datasetGroups.has(datasetGroup))) return;
  // What is another group's and what is not there have one answer: a caller learns nothing of groups that are not its own.
  throw new AccessDeniedError(
    `The request names what is not there, or is of a dataset group that the key "${name}" may not use. It is for: ${[...datasetGroups].join(', ')}.`,
  );
}
