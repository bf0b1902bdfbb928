export { ensureCampaign, followModels } from './campaigns';
export type { ControlParts } from './controlParts';
export { openCsvFile } from './csvFile';
export { CsvImportError, type CsvProblem } from './csvProblems';
export { ensureDatasetGroup, ensureEventTracker } from './datasetGroups';
export {
  type DatasetKind,
  type ImportProgress,
  type ImportRequest,
  type ImportSummary,
  importDataset,
} from './importDataset';
export { ensureSolution, startSolutionVersion, USER_PERSONALIZATION } from './solutions';
