import {
  type Campaign,
  type Dataset,
  type DatasetGroup,
  type DatasetSchema,
  type EventTracker,
  findCampaign,
  findDataset,
  findDatasetGroup,
  findDatasetSchema,
  findEventTrackerByName,
  findSolution,
  findSolutionVersion,
  type Queryable,
  type Solution,
  type SolutionVersion,
} from '@attune/database';
import { type ArnKind, type ArnScope, datasetGroupName, ResourceNotFoundError, requireArn } from '@attune/domain';

/**
 * Each finds the resource that an ARN of a request names.
 * @throws InvalidInputError where the ARN can't name such a resource of this server
 * @throws ResourceNotFoundError where there is none
 */
export const requireDatasetGroup = finder<DatasetGroup>('dataset-group', (db, _, name) =>
  findDatasetGroup(db, datasetGroupName(name)),
);
export const requireSchema = finder<DatasetSchema>('schema', findDatasetSchema);
export const requireDataset = finder<Dataset>('dataset', findDataset);
export const requireEventTracker = finder<EventTracker>('event-tracker', (db, _, name) =>
  findEventTrackerByName(db, name),
);
export const requireSolution = finder<Solution>('solution', findSolution);
export const requireSolutionVersion = finder<SolutionVersion>('solution-version', findSolutionVersion);
export const requireCampaign = finder<Campaign>('campaign', findCampaign);

function finder<Resource>(
  kind: ArnKind,
  find: (db: Queryable, arn: string, name: string) => Promise<Resource | undefined>,
) {
  return async (db: Queryable, scope: ArnScope, arn: string): Promise<Resource> => {
    const resource = await find(db, arn, requireArn(scope, kind, arn));
    if (resource === undefined) throw new ResourceNotFoundError(`There is no ${kind.replaceAll('-', ' ')} ${arn}.`);
    return resource;
  };
}
