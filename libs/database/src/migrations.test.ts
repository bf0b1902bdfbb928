import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetGroupName } from '@attune/domain';
import type { Database } from './database';
import { findDatasetGroup } from './datasetGroups';
import { findEventTrackerByName } from './eventTrackers';
import { migrate } from './migrate';
import { openPglite } from './pglite';
import { findSolution } from './solutions';
import { findSolutionVersion } from './solutionVersions';

const FOLDER = join(__dirname, '..', 'migrations');

let db: Database;
beforeAll(async () => {
  db = await openPglite();
});
afterAll(() => db.close());

/** Brings an empty database to where an earlier Attune left it. */
async function migrateTo(version: number): Promise<void> {
  await db.runScript(
    'create table schema_migration (version integer primary key, file text not null, applied_at timestamptz)',
  );
  for (const file of (await readdir(FOLDER)).sort().slice(0, version)) {
    await db.runScript(await readFile(join(FOLDER, file), 'utf8'));
    await db.query('insert into schema_migration (version, file) values ($1, $2)', [Number.parseInt(file, 10), file]);
  }
}

test('resources of an earlier Attune become resources of the API', async () => {
  await migrateTo(2);
  await db.runScript(`
    insert into dataset_group values ('films', 10);
    insert into event_tracker values ('tracking-id', 'clicks', 'films', 20);
    insert into solution values ('arn:s', 'films', 'films', 'arn:recipe', '{"bptt": "16"}', 30);
    insert into solution_version (arn, solution_arn, dataset_group, status, artifact_uri, created_ms, updated_ms)
    values ('arn:s/1', 'arn:s', 'films', 'ACTIVE', 's3://attune/models/1', 40, 50),
      ('arn:s/2', 'arn:s', 'films', 'CREATE IN_PROGRESS', null, 60, 70);
    insert into campaign values ('arn:c', 'films', 'films', 'arn:s', 'arn:s/1', '{}', 80, 90);
  `);
  await migrate(db);

  await expect(findDatasetGroup(db, datasetGroupName('films'))).resolves.toMatchObject({ updatedAt: 10 });
  await expect(findEventTrackerByName(db, 'clicks')).resolves.toMatchObject({ updatedAt: 20 });
  const definition = { solutionConfig: { algorithmHyperParameters: { bptt: '16' } } };
  await expect(findSolution(db, 'arn:s')).resolves.toMatchObject({ definition, updatedAt: 30 });
  await expect(findSolutionVersion(db, 'arn:s/1')).resolves.toMatchObject({
    definition,
    status: 'ACTIVE',
    trainingMode: 'FULL',
    trainingType: 'MANUAL',
    fullArn: 'arn:s/1',
  });
  await expect(findSolutionVersion(db, 'arn:s/2')).resolves.toMatchObject({
    status: 'CREATE FAILED',
    failureReason: expect.stringContaining('Create a version anew.'),
  });
  const [campaign] = await db.query('select config, min_provisioned_tps, follows_latest from campaign');
  expect(campaign).toEqual({ config: {}, min_provisioned_tps: 1, follows_latest: true });
});
