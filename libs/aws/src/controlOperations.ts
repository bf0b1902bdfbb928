/** The service "personalize", API version 2018-05-22: every operation, its request, its answer and its errors. */
import type { Caller } from '@attune/domain';
import type { z } from 'zod';
import type { ControlErrorType } from './controlErrors';
import { batchJobOperations } from './personalizeBatchJobs';
import { campaignOperations } from './personalizeCampaigns';
import { datasetGroupOperations } from './personalizeDatasetGroups';
import { datasetJobOperations } from './personalizeDatasetJobs';
import { datasetOperations } from './personalizeDatasets';
import { eventTrackerOperations } from './personalizeEventTrackers';
import { filterOperations } from './personalizeFilters';
import { metricAttributionOperations } from './personalizeMetricAttributions';
import { recipeOperations } from './personalizeRecipes';
import { recommenderOperations } from './personalizeRecommenders';
import { schemaOperations } from './personalizeSchemas';
import { solutionOperations } from './personalizeSolutions';
import { solutionVersionOperations } from './personalizeSolutionVersions';
import { tagOperations } from './personalizeTags';

export const controlOperations = {
  ...datasetGroupOperations,
  ...schemaOperations,
  ...datasetOperations,
  ...datasetJobOperations,
  ...eventTrackerOperations,
  ...recipeOperations,
  ...solutionOperations,
  ...solutionVersionOperations,
  ...campaignOperations,
  ...tagOperations,
  ...filterOperations,
  ...batchJobOperations,
  ...recommenderOperations,
  ...metricAttributionOperations,
} satisfies Record<string, { input: z.ZodObject; output: z.ZodObject; errors: readonly ControlErrorType[] }>;

export type ControlOperation = keyof typeof controlOperations;

/** A request that was checked. Times are milliseconds since the epoch. */
export type ControlRequest<Op extends ControlOperation> = z.output<(typeof controlOperations)[Op]['input']>;

/** An answer; members that are undefined are left out. Times are milliseconds since the epoch. */
export type ControlResponse<Op extends ControlOperation> = z.output<(typeof controlOperations)[Op]['output']>;

/** What does the work of each operation. */
export type ControlHandlers = {
  [Op in ControlOperation]: (request: ControlRequest<Op>) => Promise<ControlResponse<Op>>;
};

/** What does the work of each operation for a caller. Handlers that ask no caller serve everyone alike. */
export type CallerHandlers = {
  [Op in ControlOperation]: (request: ControlRequest<Op>, caller: Caller) => Promise<ControlResponse<Op>>;
};
