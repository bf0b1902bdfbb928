import { describeOnServers } from '@attune/testing';
import type { Database } from './database';
import { databaseContract } from './database.contract';
import { openPostgres } from './postgres';
import { queriesContract } from './queries.contract';
import { resourcesContract } from './resources.contract';

describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  const open = async (): Promise<Database> => openPostgres({ url: await servers.postgres.createDatabase() });
  databaseContract('PostgreSQL', open);
  queriesContract('PostgreSQL', open);
  resourcesContract('PostgreSQL', open);
});
