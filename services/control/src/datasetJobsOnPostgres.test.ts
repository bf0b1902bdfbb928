import { openPostgres } from '@attune/database';
import { describeOnServers } from '@attune/testing';
import { datasetJobsContract } from './datasetJobs.contract';

describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  datasetJobsContract('PostgreSQL', async () => openPostgres({ url: await servers.postgres.createDatabase() }));
});
