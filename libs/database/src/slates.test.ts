import { describeOnServers } from '@attune/testing';
import { openPglite } from './pglite';
import { openPostgres } from './postgres';
import { slatesContract } from './slates.contract';

slatesContract('PGlite', () => openPglite());

describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  slatesContract('PostgreSQL', async () => openPostgres({ url: await servers.postgres.createDatabase() }));
});
