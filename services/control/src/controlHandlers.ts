import type { ControlHandlers } from '@attune/aws';
import { batchHandlers } from './batchHandlers';
import { campaignHandlers } from './campaignHandlers';
import type { ControlParts } from './controlParts';
import { datasetGroupHandlers } from './datasetGroupHandlers';
import { datasetHandlers } from './datasetHandlers';
import { deletionJobHandlers } from './deletionJobs';
import { eventTrackerHandlers } from './eventTrackerHandlers';
import { exportJobHandlers } from './exportJobs';
import { filterHandlers } from './filterHandlers';
import { importJobHandlers } from './importJobs';
import { outsideHandlers } from './outside';
import { recipeHandlers } from './recipeHandlers';
import { schemaHandlers } from './schemaHandlers';
import { solutionHandlers } from './solutionHandlers';
import { solutionVersionHandlers } from './solutionVersionHandlers';
import { tagHandlers } from './tagHandlers';

/** What does the work of each operation of the service "personalize". */
export function controlHandlers(parts: ControlParts): ControlHandlers {
  return {
    ...datasetGroupHandlers(parts),
    ...schemaHandlers(parts),
    ...datasetHandlers(parts),
    ...importJobHandlers(parts),
    ...exportJobHandlers(parts),
    ...deletionJobHandlers(parts),
    ...eventTrackerHandlers(parts),
    ...recipeHandlers(parts),
    ...solutionHandlers(parts),
    ...solutionVersionHandlers(parts),
    ...campaignHandlers(parts),
    ...tagHandlers(parts),
    ...filterHandlers(parts),
    ...batchHandlers(parts),
    ...outsideHandlers(),
  };
}
