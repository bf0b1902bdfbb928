import { type DatasetGroupName, datasetGroupName, itemId, trackingId, userId } from '@attune/domain';
import { createCampaign, findCampaign, listCampaignsOfSolution, pageOfCampaigns, updateCampaign } from './campaigns';
import { changeResources } from './changeResources';
import type { Database } from './database';
import { createDatasetGroup, deleteDatasetGroup, findDatasetGroup, pageOfDatasetGroups } from './datasetGroups';
import { createDatasetSchema, findDatasetSchema, pageOfDatasetSchemas } from './datasetSchemas';
import {
  changeDatasetSchema,
  createDataset,
  type DatasetKind,
  deleteDataset,
  findDataset,
  listDatasets,
  listDatasetsOfSchema,
  pageOfDatasets,
} from './datasets';
import { createEventTracker, deleteEventTracker, findEventTrackerByName, pageOfEventTrackers } from './eventTrackers';
import { importInteractions } from './interactions';
import { readItems, upsertItems } from './items';
import { migrate } from './migrate';
import type { PageKey } from './page';
import { isResource } from './resources';
import { listResourceTags, removeAllResourceTags, removeResourceTags, setResourceTags } from './resourceTags';
import { createSolution, deleteSolution, findSolution, pageOfSolutions, updateSolution } from './solutions';
import { createSolutionVersion } from './solutionVersions';
import { listUnfinishedWork } from './unfinishedWork';
import { readUserProfiles, upsertUserProfiles } from './userProfiles';

/**
 * What the queries on the API's resources must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function resourcesContract(name: string, open: () => Promise<Database>): void {
  describe(`The resources on ${name}`, () => {
    let db: Database;
    let group: DatasetGroupName;
    let groups = 0;

    beforeAll(async () => {
      db = await open();
      await migrate(db);
    });
    beforeEach(async () => {
      group = datasetGroupName(`group-${++groups}`);
      await createDatasetGroup(db, { name: group, createdAt: groups });
    });
    afterAll(async () => {
      await db.close();
    });

    const addSchema = async (label: string) => {
      const arn = `arn:schema/${group}-${label}`;
      await createDatasetSchema(db, { arn, name: `${group}-${label}`, schema: '{"a": 1 }', createdAt: 5 });
      return arn;
    };
    const addDataset = async (kind: DatasetKind) => {
      const arn = `arn:dataset/${group}/${kind}`;
      const schemaArn = await addSchema(kind);
      await createDataset(db, { arn, name: kind, datasetGroup: group, kind, schemaArn, createdAt: 10 });
      return { arn, schemaArn, kind, datasetGroup: group };
    };
    const addSolution = async (label: string, createdAt = 1) => {
      const arn = `arn:solution/${group}-${label}`;
      const solution = { arn, name: `${group}-${label}`, datasetGroup: group, recipeArn: 'arn:recipe', createdAt };
      await createSolution(db, { ...solution, definition: { performAutoTraining: true } });
      return arn;
    };

    test('a page begins after the key of the one before, ties in time by id', async () => {
      for (const [label, createdAt] of Object.entries({ d: 2, c: 1, b: 2, a: 3 })) await addSolution(label, createdAt);
      const page = async (after?: PageKey) =>
        (await pageOfSolutions(db, group, { limit: 2, ...(after && { after }) })).map(({ arn }) => arn.at(-1));
      await expect(page()).resolves.toEqual(['c', 'b']);
      await expect(page({ createdAt: 2, id: `arn:solution/${group}-b` })).resolves.toEqual(['d', 'a']);
      await expect(page({ createdAt: 2, id: `arn:solution/${group}-bb` })).resolves.toEqual(['d', 'a']);
      await expect(page({ createdAt: 3, id: `arn:solution/${group}-a` })).resolves.toEqual([]);
    });

    test('pages hold all rows, or those within bounds', async () => {
      const other = datasetGroupName(`${group}-other`);
      await createDatasetGroup(db, { name: other, createdAt: groups });
      await addDataset('items');
      const solutionArn = await addSolution('a');
      await createEventTracker(db, { trackingId: trackingId(group), name: group, datasetGroup: group, createdAt: 1 });
      await createCampaign(db, { arn: `arn:c/${group}`, name: group, datasetGroup: group, solutionArn, createdAt: 1 });
      const all = { limit: 1000 };
      const counts = async (within: DatasetGroupName | undefined, solution: string | undefined) => [
        (await pageOfDatasets(db, within, all)).length,
        (await pageOfEventTrackers(db, within, all)).length,
        (await pageOfSolutions(db, within, all)).length,
        (await pageOfCampaigns(db, solution, all)).length,
      ];
      await expect(counts(group, solutionArn)).resolves.toEqual([1, 1, 1, 1]);
      await expect(counts(other, 'arn:none')).resolves.toEqual([0, 0, 0, 0]);
      for (const count of await counts(undefined, undefined)) expect(count).toBeGreaterThanOrEqual(1);
      expect((await pageOfDatasetGroups(db, all)).map(({ name: each }) => each)).toEqual(
        expect.arrayContaining([group, other]),
      );
      expect((await pageOfDatasetSchemas(db, all)).map(({ name: each }) => each)).toContain(`${group}-items`);
    });

    test('a schema keeps its text to the letter', async () => {
      const arn = await addSchema('films');
      const schema = { arn, name: `${group}-films`, schema: '{"a": 1 }', createdAt: 5 };
      await expect(findDatasetSchema(db, arn)).resolves.toEqual(schema);
      await expect(createDatasetSchema(db, schema)).rejects.toMatchObject({ code: 'ResourceAlreadyExists' });
    });

    test('a dataset group has one dataset of each kind, which can get another schema', async () => {
      const { arn, schemaArn } = await addDataset('items');
      const again = {
        arn: 'arn:other',
        name: 'other',
        datasetGroup: group,
        kind: 'items',
        schemaArn,
        createdAt: 1,
      } as const;
      await expect(createDataset(db, again)).rejects.toMatchObject({
        code: 'ResourceAlreadyExists',
        message: `Dataset group "${group}" has a dataset of type ITEMS already: one of each is all it may have.`,
      });
      const next = await addSchema('next');
      await changeDatasetSchema(db, arn, next, { status: 'ACTIVE' }, 20);
      const changed = {
        arn,
        name: 'items',
        datasetGroup: group,
        kind: 'items',
        schemaArn: next,
        latestUpdate: { status: 'ACTIVE' },
        createdAt: 10,
        updatedAt: 20,
      };
      await expect(findDataset(db, arn)).resolves.toEqual(changed);
      await expect(listDatasetsOfSchema(db, next)).resolves.toEqual([changed]);
      await expect(listDatasetsOfSchema(db, schemaArn)).resolves.toEqual([]);
    });

    test('a dataset goes with its rows and jobs, and leaves the others', async () => {
      await upsertItems(db, group, [{ itemId: itemId('a'), metadata: {} }]);
      await upsertUserProfiles(db, group, [{ userId: userId('u'), metadata: {} }]);
      await importInteractions(db, group, [
        { userId: userId('u'), itemId: itemId('a'), eventType: 'watch', timestamp: 1 },
      ]);
      const rows = async () => {
        const [counted] = await db.query<{ count: number }>(
          'select count(*) from interaction where dataset_group = $1',
          [group],
        );
        const items = await readItems(db, group, [itemId('a')]);
        const users = await readUserProfiles(db, group, [userId('u')]);
        return [counted!.count, items.length, users.length];
      };
      const left: Record<DatasetKind, number[]> = { items: [1, 0, 1], interactions: [0, 0, 1], users: [0, 0, 0] };
      for (const [kind, expected] of Object.entries(left) as [DatasetKind, number[]][]) {
        const dataset = await addDataset(kind);
        await db.query(
          `insert into dataset_job (arn, kind, name, dataset_group, dataset_arn, status, definition, created_ms, updated_ms)
           values ($1, 'import', $1, $2, $3, 'ACTIVE', '{}', 1, 1)`,
          [`arn:job/${group}-${kind}`, group, dataset.arn],
        );
        await deleteDataset(db, dataset);
        await expect(rows()).resolves.toEqual(expected);
        await expect(isResource(db, `arn:job/${group}-${kind}`)).resolves.toBe(false);
      }
      await expect(listDatasets(db, group)).resolves.toEqual([]);
    });

    test('a dataset group goes with what its events left', async () => {
      await importInteractions(db, group, [
        { userId: userId('u'), itemId: itemId('a'), eventType: 'watch', timestamp: 1 },
      ]);
      await deleteDatasetGroup(db, group);
      await expect(findDatasetGroup(db, group)).resolves.toBeUndefined();
      await expect(db.query('select 1 from interaction where dataset_group = $1', [group])).resolves.toEqual([]);
    });

    test('an event tracker is found by its name until it goes', async () => {
      await createEventTracker(db, { trackingId: trackingId(group), name: group, datasetGroup: group, createdAt: 7 });
      await expect(findEventTrackerByName(db, group)).resolves.toMatchObject({ trackingId: group, updatedAt: 7 });
      await deleteEventTracker(db, group);
      await expect(findEventTrackerByName(db, group)).resolves.toBeUndefined();
    });

    test('a solution is changed, and goes with its versions', async () => {
      const arn = await addSolution('films');
      const change = { definition: { performAutoTraining: false }, latestUpdate: { status: 'ACTIVE' } };
      await updateSolution(db, arn, change, 9);
      await expect(findSolution(db, arn)).resolves.toMatchObject({ ...change, updatedAt: 9 });
      await expect(updateSolution(db, 'arn:none', change, 9)).rejects.toMatchObject({ code: 'ResourceNotFound' });
      const full = { arn: `${arn}/1`, fullArn: `${arn}/1` };
      await createSolutionVersion(db, { ...full, solutionArn: arn, datasetGroup: group, createdAt: 1 });
      const update = { arn: `${arn}/2`, solutionArn: arn, datasetGroup: group, createdAt: 2, base: full };
      await createSolutionVersion(db, update);
      await expect(listUnfinishedWork(db, group)).resolves.toEqual([`${arn}/1`, `${arn}/2`]);
      await deleteSolution(db, arn);
      await expect(listUnfinishedWork(db, group)).resolves.toEqual([]);
      await expect(findSolution(db, arn)).resolves.toBeUndefined();
    });

    test('a campaign is changed as a whole', async () => {
      const solutionArn = await addSolution('films');
      const campaign = { arn: `arn:c/${group}`, name: group, datasetGroup: group, solutionArn, createdAt: 1 };
      await createCampaign(db, campaign);
      const change = {
        solutionArn: await addSolution('other'),
        config: { enableMetadataWithRecommendations: true },
        minProvisionedTps: 4,
        followsLatest: false,
        latestUpdate: { minProvisionedTPS: 4 },
      };
      await updateCampaign(db, campaign.arn, change, 9);
      const changed = { ...campaign, ...change, settings: {}, updatedAt: 9 };
      await expect(findCampaign(db, campaign.arn)).resolves.toEqual(changed);
      await expect(listCampaignsOfSolution(db, solutionArn)).resolves.toEqual([]);
      await expect(listCampaignsOfSolution(db, change.solutionArn)).resolves.toEqual([changed]);
    });

    test('tags are set, changed and removed by key, and go with what hangs on their resource', async () => {
      const arn = `arn:solution/${group}`;
      const version = `${arn}/1`;
      const neighbour = `${arn}-2`;
      for (const each of [arn, version, neighbour]) await setResourceTags(db, each, [{ key: 'a', value: '1' }]);
      await setResourceTags(db, arn, [
        { key: 'b', value: '' },
        { key: 'a', value: '2' },
      ]);
      await expect(listResourceTags(db, arn)).resolves.toEqual([
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ]);
      await removeResourceTags(db, arn, ['a', 'unheard of']);
      await expect(listResourceTags(db, arn)).resolves.toEqual([{ key: 'b', value: '' }]);
      await removeAllResourceTags(db, arn);
      await expect(listResourceTags(db, arn)).resolves.toEqual([]);
      await expect(listResourceTags(db, version)).resolves.toEqual([]);
      await expect(listResourceTags(db, neighbour)).resolves.toHaveLength(1);
    });

    test('changes of resources come one after the other, each whole or not at all', async () => {
      let inHand = 0;
      let most = 0;
      const change = (fails: boolean) =>
        changeResources(db, async (transaction) => {
          most = Math.max(most, ++inHand);
          const [row] = await transaction.query<{ count: number }>('select count(*) from resource_tag where key = $1', [
            group,
          ]);
          await setResourceTags(transaction, `arn:${row!.count}`, [{ key: group, value: '' }]);
          inHand--;
          if (fails) throw new Error('refused');
        });
      const results = await Promise.allSettled([false, true, false, true, false].map(change));
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(most).toBe(1);
      await expect(
        db.query('select resource_arn as arn from resource_tag where key = $1 order by arn', [group]),
      ).resolves.toEqual([{ arn: 'arn:0' }, { arn: 'arn:1' }, { arn: 'arn:2' }]);
    });
  });
}
