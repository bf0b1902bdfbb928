import { datasetGroupName, itemId, userId } from '@attune/domain';
import { describeOnServers } from '@attune/testing';
import { importInteractions, streamInteractions } from './interactions';
import { migrate } from './migrate';
import { ensurePartitions } from './partitions';
import { partitionsContract } from './partitions.contract';
import { openPglite } from './pglite';
import { openPostgres } from './postgres';

partitionsContract('PGlite', () => openPglite());

describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  const open = async () => openPostgres({ url: await servers.postgres.createDatabase() });
  partitionsContract('PostgreSQL', open);

  test('a partition that would have to wait for a reader is left for later', async () => {
    const db = await open();
    await migrate(db);
    const group = datasetGroupName('films');
    const interaction = { userId: userId('ada'), itemId: itemId('film'), eventType: 'watch', timestamp: 1 };
    await importInteractions(db, group, [interaction, interaction]);
    for await (const _ of streamInteractions(db, group, 1)) {
      await expect(ensurePartitions(db, Date.now())).rejects.toMatchObject({ code: 'Unavailable' });
      break;
    }
    await expect(ensurePartitions(db, Date.now())).resolves.toHaveLength(3);
    await db.close();
  });
});
