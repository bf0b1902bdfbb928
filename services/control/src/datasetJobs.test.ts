import { datasetJobsContract } from './datasetJobs.contract';

datasetJobsContract('PGlite');
