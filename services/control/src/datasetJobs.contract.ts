import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Batch, type CatalogNotice, topics } from '@attune/bus';
import { archiveInteractions, type Database, failDatasetJob, findDatasetJob, upsertItems } from '@attune/database';
import { datasetGroupName, eventId, itemId, sessionId, userId } from '@attune/domain';
import { eventually } from '@attune/testing';
import {
  CreateDataDeletionJobCommand,
  CreateDatasetExportJobCommand,
  CreateDatasetImportJobCommand,
  DescribeDataDeletionJobCommand,
  DescribeDatasetExportJobCommand,
  DescribeDatasetImportJobCommand,
  ListDataDeletionJobsCommand,
  ListDatasetExportJobsCommand,
  ListDatasetImportJobsCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, START, startControlApi } from './controlApi.fixture';
import { ensureDatasetGroup } from './ensureDatasetGroup';

const GROUP = datasetGroupName('films');
const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const ROLE = 'arn:aws:iam::000000000000:role/any';
const HEADER = 'USER_ID,ITEM_ID,TIMESTAMP\n';
const datasetOf = (kind: 'INTERACTIONS' | 'ITEMS' | 'USERS') => `${ARN}:dataset/films/${kind}`;

interface ImportOptions {
  kind?: 'INTERACTIONS' | 'ITEMS' | 'USERS';
  jobName?: string;
  importMode?: 'FULL' | 'INCREMENTAL';
  datasetArn?: string;
}

/**
 * What jobs on datasets must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function datasetJobsContract(name: string, open?: () => Promise<Database>): void {
  describe(`Jobs on datasets, on ${name}`, () => {
    let api: ControlApi;
    beforeAll(async () => {
      api = await startControlApi(open);
    });
    afterAll(() => api.stop());
    beforeEach(async () => {
      await api.clear();
      for (const uri of await api.parts.objects.list('s3://data/')) await api.parts.objects.delete(uri);
      await ensureDatasetGroup(api.parts, GROUP, { items: ['GENRES'] });
    });

    const put = (key: string, content: string | Uint8Array) =>
      api.parts.objects.put(`s3://data/${key}`, Buffer.from(content));
    const read = async (uri: string) => text(await api.parts.objects.stream(uri));
    const query = (sql: string) => api.parts.database.query(sql);

    const createImport = async (
      dataLocation: string,
      { kind = 'INTERACTIONS', jobName = 'first', ...more }: ImportOptions = {},
    ) => {
      const dataSource = { dataLocation };
      const request = { jobName, datasetArn: datasetOf(kind), dataSource, roleArn: ROLE, ...more };
      return (await api.client.send(new CreateDatasetImportJobCommand(request))).datasetImportJobArn!;
    };
    const describeImport = async (datasetImportJobArn: string) =>
      (await api.client.send(new DescribeDatasetImportJobCommand({ datasetImportJobArn }))).datasetImportJob!;
    const ended = (arn: string) =>
      eventually(async () => {
        const job = await describeImport(arn);
        expect(job.status).toMatch(/ACTIVE|FAILED/);
        return job;
      });
    const importAll = async (...given: Parameters<typeof createImport>) => {
      const job = await ended(await createImport(...given));
      expect(job).toMatchObject({ status: 'ACTIVE' });
      return job;
    };
    const rows = async (table: string, column: string) =>
      (await query(`select ${column} as value from ${table} order by ${column}`)).map(({ value }) => value);

    describe('an import', () => {
      test('takes a file into its dataset, and shows how it went', async () => {
        const notices: CatalogNotice[] = [];
        const onBatch = async ({ messages }: Batch<CatalogNotice>) =>
          void notices.push(...messages.map(({ value }) => value));
        const following = await api.parts.bus.follow(topics.catalog, { from: 'end', onBatch });
        await put('clicks.csv', `${HEADER}u1,i1,5\nu2,i2,6\n`);
        const arn = await createImport('s3://data/clicks.csv');
        expect(arn).toBe(`${ARN}:dataset-import-job/first`);
        await expect(ended(arn)).resolves.toEqual({
          jobName: 'first',
          datasetImportJobArn: arn,
          datasetArn: datasetOf('INTERACTIONS'),
          dataSource: { dataLocation: 's3://data/clicks.csv' },
          roleArn: ROLE,
          importMode: 'FULL',
          status: 'ACTIVE',
          creationDateTime: new Date(START),
          lastUpdatedDateTime: new Date(START),
        });
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['u1', 'u2']);
        await expect(findDatasetJob(api.parts.database, arn)).resolves.toMatchObject({
          progress: { rows: 2, fraction: 1 },
        });
        await eventually(() =>
          expect(notices).toEqual([{ datasetGroup: 'films', kind: 'interactions', changedAt: START }]),
        );
        await following.stop();
      });

      test('takes the files of a folder, zipped or not, and no others', async () => {
        await put('in/a.csv', `${HEADER}u1,i1,5\n`);
        await put('in/b.csv.gz', gzipSync(`${HEADER}u2,i2,6\n`));
        for (const other of ['in/readme.txt', 'in/below/c.csv', 'in.csv', 'inside/d.csv']) await put(other, 'nonsense');
        for (const [index, location] of ['s3://data/in', 's3://data/in/'].entries()) {
          await importAll(location, { jobName: `job-${index}` });
          await expect(rows('interaction', 'user_id')).resolves.toEqual(['u1', 'u2']);
        }
      });

      test('replaces what was imported, or adds to it, and leaves what was put one by one', async () => {
        await upsertItems(api.parts.database, GROUP, [{ itemId: itemId('put'), metadata: {} }], true);
        await put('1.csv', 'ITEM_ID,GENRES\na,War\nb,Drama\n');
        await put('2.csv', 'ITEM_ID,GENRES\nb,Comedy\nc,Drama\n');
        await importAll('s3://data/1.csv', { kind: 'ITEMS' });
        await importAll('s3://data/2.csv', { kind: 'ITEMS', jobName: 'second', importMode: 'INCREMENTAL' });
        await expect(query(`select item_id, metadata ->> 'GENRES' as genre from item order by 1`)).resolves.toEqual([
          { item_id: 'a', genre: 'War' },
          { item_id: 'b', genre: 'Comedy' },
          { item_id: 'c', genre: 'Drama' },
          { item_id: 'put', genre: null },
        ]);
        await importAll('s3://data/1.csv', { kind: 'ITEMS', jobName: 'third' });
        await expect(rows('item', 'item_id')).resolves.toEqual(['a', 'b', 'put']);
      });

      test('of broken files leaves the dataset as it was, and reports what is wrong', async () => {
        await put('good.csv', `${HEADER}before,i,1\n`);
        await importAll('s3://data/good.csv');
        await put('in/1.csv', `${HEADER}${'u,i,1\n'.repeat(20_000)}u,i,soon\n`);
        await put('in/2.csv', `${HEADER}${'u,,never\n'.repeat(100)}`);
        const job = await ended(await createImport('s3://data/in', { jobName: 'broken' }));
        expect(job).toMatchObject({ status: 'CREATE FAILED' });
        const report = 's3://data/in.broken.errors.jsonl';
        expect(job.failureReason).toContain(`The first 100 were found. All of them are in ${report}.`);
        expect(job.failureReason).toContain(
          's3://data/in/1.csv:20002, column TIMESTAMP: got "soon", expected Unix time',
        );
        expect(job.failureReason!.length).toBeLessThan(4_100);
        const problems = (await read(report)).trim().split('\n');
        expect(problems).toHaveLength(100);
        expect(JSON.parse(problems[1]!)).toEqual({
          file: 's3://data/in/2.csv',
          line: 2,
          column: 'ITEM_ID',
          value: '',
          expected: 'a value, not an empty field',
        });
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['before']);
      });

      test.each([
        ['http://files.example/clicks.csv', 'over HTTP nothing is read or written'],
        ['https://files.example/clicks.csv', 'Expected s3://bucket/key'],
      ])('from %s is refused', async (location, message) => {
        await expect(createImport(location)).rejects.toMatchObject({
          name: 'InvalidInputException',
          message: expect.stringContaining(message),
        });
      });

      test('from where nothing is fails and says so', async () => {
        const job = await ended(await createImport('s3://data/nothing.csv'));
        expect(job).toMatchObject({ status: 'CREATE FAILED' });
        expect(job.failureReason).toContain('There is no CSV file at s3://data/nothing.csv.');
      });

      test('is refused twice, and into a dataset that is not there', async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\n`);
        await importAll('s3://data/clicks.csv');
        await expect(createImport('s3://data/clicks.csv')).rejects.toMatchObject({
          name: 'ResourceAlreadyExistsException',
        });
        const datasetArn = `${ARN}:dataset/songs/ITEMS`;
        await expect(createImport('s3://data/clicks.csv', { jobName: 'other', datasetArn })).rejects.toMatchObject({
          name: 'ResourceNotFoundException',
        });
      });

      test('whose worker died in the middle is done again', async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\n`);
        const arn = await createImport('s3://data/clicks.csv');
        await query(`update dataset_job set status = 'CREATE IN_PROGRESS', progress = '{"rows": 7}'`);
        await expect(ended(arn)).resolves.toMatchObject({ status: 'ACTIVE' });
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['u1']);
      });

      test('that has ended is not done again, however often it comes', async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\n`);
        const { datasetImportJobArn: arn = '' } = await importAll('s3://data/clicks.csv', {
          importMode: 'INCREMENTAL',
        });
        await api.parts.jobs.send('import', { arn });
        await put('marker.csv', `${HEADER}u2,i1,5\n`);
        await importAll('s3://data/marker.csv', { jobName: 'marker', importMode: 'INCREMENTAL' });
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['u1', 'u2']);
        await expect(failDatasetJob(api.parts.database, arn, 'too late', START)).resolves.toBe(false);
      });

      test('is listed with those of its dataset', async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\n`);
        await importAll('s3://data/clicks.csv');
        const list = async (datasetArn?: string) =>
          (await api.client.send(new ListDatasetImportJobsCommand({ datasetArn }))).datasetImportJobs;
        const summary = { jobName: 'first', status: 'ACTIVE', importMode: 'FULL' };
        await expect(list()).resolves.toMatchObject([summary]);
        await expect(list(datasetOf('INTERACTIONS'))).resolves.toMatchObject([summary]);
        await expect(list(datasetOf('ITEMS'))).resolves.toEqual([]);
      });
    });

    const addEvents = () =>
      api.parts.database.transaction((transaction) =>
        archiveInteractions(transaction, [
          {
            event: {
              datasetGroup: GROUP,
              eventId: eventId('e1'),
              userId: userId('u1'),
              sessionId: sessionId('s1'),
              eventType: 'say "hi", please',
              itemId: itemId('i3'),
              timestamp: 7_500,
              receivedAt: 8_000,
              impression: ['i3', 'i4'].map(itemId),
            },
            partition: 0,
            offset: 0,
          },
        ]),
      );

    describe('an export', () => {
      const exported = async (ingestionMode: 'BULK' | 'PUT' | 'ALL', kind: 'INTERACTIONS' | 'ITEMS') => {
        const jobName = `${kind}-${ingestionMode}`;
        const jobOutput = { s3DataDestination: { path: 's3://data/out/' } };
        const request = { jobName, datasetArn: datasetOf(kind), ingestionMode, roleArn: ROLE, jobOutput };
        const { datasetExportJobArn } = await api.client.send(new CreateDatasetExportJobCommand(request));
        await eventually(async () => {
          const command = new DescribeDatasetExportJobCommand({ datasetExportJobArn });
          const { datasetExportJob } = await api.client.send(command);
          expect(datasetExportJob).toMatchObject({ ...request, status: 'ACTIVE' });
        });
        const uris = await api.parts.objects.list(`s3://data/out/${jobName}/`);
        expect(uris).toEqual([`s3://data/out/${jobName}/part-00001.csv`]);
        return read(uris[0]!);
      };

      test('writes what came in bulk, one by one, or either way, in the columns of the schema', async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\nu2,i2,6\n`);
        await importAll('s3://data/clicks.csv');
        await addEvents();
        const header =
          'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION,RECOMMENDATION_ID,EVENT_ATTRIBUTION_SOURCE\n';
        const bulk = 'u1,i1,5,interaction,,,,\nu2,i2,6,interaction,,,,\n';
        const streamed = 'u1,i3,7,"say ""hi"", please",,i3|i4,,\n';
        await expect(exported('BULK', 'INTERACTIONS')).resolves.toBe(header + bulk);
        await expect(exported('PUT', 'INTERACTIONS')).resolves.toBe(header + streamed);
        await expect(exported('ALL', 'INTERACTIONS')).resolves.toBe(header + bulk + streamed);
        const { datasetExportJobs } = await api.client.send(new ListDatasetExportJobsCommand({}));
        expect(datasetExportJobs?.map(({ jobName }) => jobName).toSorted()).toEqual([
          'INTERACTIONS-ALL',
          'INTERACTIONS-BULK',
          'INTERACTIONS-PUT',
        ]);
      });

      test('can be imported again', async () => {
        await put('items.csv', 'ITEM_ID,GENRES,CREATION_TIMESTAMP\na,"War|""Cold"", ünd",7\nb,,\n');
        await importAll('s3://data/items.csv', { kind: 'ITEMS' });
        const stored = () => query('select item_id, creation_ms, metadata from item order by 1');
        const before = await stored();
        await exported('ALL', 'ITEMS');
        await importAll('s3://data/out/ITEMS-ALL', { kind: 'ITEMS', jobName: 'again' });
        await expect(stored()).resolves.toEqual(before);
      });
    });

    describe('a deletion', () => {
      const deleteUsers = async (jobName: string, dataLocation: string) => {
        const datasetGroupArn = `${ARN}:dataset-group/films`;
        const request = { jobName, datasetGroupArn, dataSource: { dataLocation }, roleArn: ROLE };
        const { dataDeletionJobArn } = await api.client.send(new CreateDataDeletionJobCommand(request));
        return eventually(async () => {
          const command = new DescribeDataDeletionJobCommand({ dataDeletionJobArn });
          const { dataDeletionJob } = await api.client.send(command);
          expect(dataDeletionJob?.status).toMatch(/ACTIVE|FAILED/);
          return dataDeletionJob!;
        });
      };
      beforeEach(async () => {
        await put('clicks.csv', `${HEADER}u1,i1,5\nu1,i2,5\nu2,i2,6\n`);
        await importAll('s3://data/clicks.csv');
        await put('users.csv', 'USER_ID,AGE\nu1,30\nu2,40\n');
        await importAll('s3://data/users.csv', { kind: 'USERS', jobName: 'users' });
        await addEvents();
      });

      test('removes all that is known of users, and counts it', async () => {
        await put('forget.csv', 'USER_ID,WHY\nu1,asked\nnobody,asked\n');
        await expect(deleteUsers('forget', 's3://data/forget.csv')).resolves.toMatchObject({
          status: 'ACTIVE',
          numDeleted: 4,
          datasetGroupArn: `${ARN}:dataset-group/films`,
        });
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['u2']);
        await expect(rows('user_profile', 'user_id')).resolves.toEqual(['u2']);
        const { dataDeletionJobs } = await api.client.send(new ListDataDeletionJobsCommand({}));
        expect(dataDeletionJobs).toMatchObject([{ jobName: 'forget', status: 'ACTIVE' }]);
      });

      test('of a broken file removes nothing', async () => {
        await put('forget.csv', 'USER_ID\nu1\n"u2\n');
        const job = await deleteUsers('forget', 's3://data/forget.csv');
        expect(job).toMatchObject({ status: 'CREATE FAILED' });
        expect(job.failureReason).toContain('expected a closing quote before the end of the file');
        await expect(rows('interaction', 'user_id')).resolves.toEqual(['u1', 'u1', 'u1', 'u2']);
      });
    });
  });
}
