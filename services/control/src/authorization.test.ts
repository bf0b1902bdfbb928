import { type CallerHandlers, type ControlOperation, controlOperations } from '@attune/aws';
import { createDatasetJob, createSolutionVersion } from '@attune/database';
import { type Caller, datasetGroupName, FULL_ACCESS, resourceArn } from '@attune/domain';
import { authorize } from './authorization';
import { type ControlApi, INTERACTION_FIELDS, SCOPE, schemaOf, startControlApi } from './controlApi.fixture';
import { controlHandlers } from './controlHandlers';
import { USER_PERSONALIZATION } from './recipes';

type Outcome = { code: string; message: string };
type Handle = (request: object, caller: Caller) => Promise<object>;

const mine: Caller = { name: 'mine', planes: new Set(['control']), datasetGroups: new Set(['mine', 'planned']) };
const schemaArn = resourceArn(SCOPE, 'schema', 'clicks');

/** What a group has, by the members of requests that name it. Everything in a group is named after it. */
const resourcesOf = (group: string): Record<string, string> => ({
  datasetGroupArn: resourceArn(SCOPE, 'dataset-group', group),
  datasetArn: resourceArn(SCOPE, 'dataset', `${group}/INTERACTIONS`),
  datasetImportJobArn: resourceArn(SCOPE, 'dataset-import-job', group),
  datasetExportJobArn: resourceArn(SCOPE, 'dataset-export-job', group),
  dataDeletionJobArn: resourceArn(SCOPE, 'data-deletion-job', group),
  eventTrackerArn: resourceArn(SCOPE, 'event-tracker', group),
  solutionArn: resourceArn(SCOPE, 'solution', group),
  solutionVersionArn: resourceArn(SCOPE, 'solution', `${group}/00000001`),
  campaignArn: resourceArn(SCOPE, 'campaign', group),
});

/** Kinds that this project has no resources of. */
const UNKNOWN: Record<string, string> = {
  filterArn: resourceArn(SCOPE, 'filter', 'any'),
  batchInferenceJobArn: resourceArn(SCOPE, 'batch-inference-job', 'any'),
  batchSegmentJobArn: resourceArn(SCOPE, 'batch-segment-job', 'any'),
  recommenderArn: resourceArn(SCOPE, 'recommender', 'any'),
  metricAttributionArn: resourceArn(SCOPE, 'metric-attribution', 'any'),
};

const SHARED: Record<string, string> = {
  schemaArn,
  recipeArn: USER_PERSONALIZATION,
  algorithmArn: 'arn:aws:personalize:::algorithm/aws-user-personalization',
  featureTransformationArn: 'arn:aws:personalize:::feature-transformation/aws-user-personalization',
};

const NOT_OF_THIS_SERVICE = ['roleArn', 'kmsKeyArn'];

const operations = Object.entries(controlOperations).map(([name, { input }]) => ({
  operation: name as ControlOperation,
  members: Object.keys(input.shape).filter((member) => member.endsWith('Arn') && !NOT_OF_THIS_SERVICE.includes(member)),
}));

let api: ControlApi;
let handlers: CallerHandlers;

beforeAll(async () => {
  api = await startControlApi();
  handlers = authorize(controlHandlers(api.parts), api.parts.database);
  await as(FULL_ACCESS, 'CreateSchema', { name: 'clicks', schema: schemaOf('Interactions', INTERACTION_FIELDS) });
  await createGroup('mine');
  await createGroup('theirs');
});
afterAll(() => api.stop());

const as = (caller: Caller, operation: ControlOperation, request: object) =>
  (handlers[operation] as Handle)(request, caller);

async function createGroup(group: string): Promise<void> {
  const { datasetGroupArn, datasetArn, solutionArn, solutionVersionArn, ...jobs } = resourcesOf(group);
  await as(FULL_ACCESS, 'CreateDatasetGroup', { name: group });
  await as(FULL_ACCESS, 'CreateDataset', {
    name: group,
    datasetGroupArn,
    schemaArn,
    datasetType: 'Interactions',
  });
  await as(FULL_ACCESS, 'CreateEventTracker', { name: group, datasetGroupArn });
  await as(FULL_ACCESS, 'CreateSolution', { name: group, datasetGroupArn, recipeArn: USER_PERSONALIZATION });
  const { database, now } = api.parts;
  const row = { datasetGroup: datasetGroupName(group), createdAt: now() };
  await createSolutionVersion(database, { ...row, arn: solutionVersionArn!, solutionArn: solutionArn! });
  await database.query(`update solution_version set status = 'ACTIVE' where arn = $1`, [solutionVersionArn]);
  await as(FULL_ACCESS, 'CreateCampaign', { name: group, solutionVersionArn });
  for (const [kind, arn] of [
    ['import', jobs.datasetImportJobArn],
    ['export', jobs.datasetExportJobArn],
    ['deletion', jobs.dataDeletionJobArn],
  ] as const) {
    await createDatasetJob(database, { ...row, kind, name: group, arn: arn!, datasetArn: datasetArn!, definition: {} });
  }
}

async function outcome(operation: ControlOperation, request: object): Promise<Outcome> {
  try {
    await as(mine, operation, request);
    return { code: 'OK', message: '' };
  } catch (error) {
    const { code = 'defect', message } = error as Partial<Outcome> & Error;
    return { code, message };
  }
}

describe('a key of one dataset group', () => {
  const grouped = operations.flatMap(({ operation, members }) =>
    members.filter((member) => member in resourcesOf('')).map((member) => ({ operation, member, members })),
  );

  test.each(grouped)('may not $operation with $member of another; what is not there looks alike', async (each) => {
    const { operation, member, members } = each;
    const own = Object.entries({ ...resourcesOf('mine'), ...SHARED }).filter(([name]) => members.includes(name));
    const request = { name: 'new', jobName: 'new', ...Object.fromEntries(own) };
    const theirs = await outcome(operation, { ...request, [member]: resourcesOf('theirs')[member] });
    expect(theirs.code).toBe('AccessDenied');
    expect(theirs.message).not.toContain('theirs');
    expect(await outcome(operation, { ...request, [member]: resourcesOf('nowhere')[member] })).toEqual(theirs);
  });

  test.each(Object.keys(resourcesOf('')))('may not see or change the tags of %s of another', async (member) => {
    const resourceArn = resourcesOf('theirs')[member];
    const tags = [{ tagKey: 'a', tagValue: 'b' }];
    for (const [operation, more] of [
      ['TagResource', { tags }],
      ['UntagResource', { tagKeys: ['a'] }],
      ['ListTagsForResource', {}],
    ] as const) {
      expect((await outcome(operation, { resourceArn, ...more })).code).toBe('AccessDenied');
      expect((await outcome(operation, { resourceArn: resourcesOf('mine')[member], ...more })).code).toBe('OK');
    }
  });

  test('may not use kinds of resource whose group is not known', async () => {
    for (const { operation, members } of operations) {
      for (const member of members.filter((name) => name in UNKNOWN)) {
        expect([operation, (await outcome(operation, { [member]: UNKNOWN[member] })).code]).toEqual([
          operation,
          'AccessDenied',
        ]);
      }
    }
  });

  test('finds ARNs wherever they stand in a request', async () => {
    const { solutionVersionArn } = resourcesOf('mine');
    const nested = { solutionVersionArn, filters: [{ more: { campaignArn: resourcesOf('theirs').campaignArn } }] };
    expect((await outcome('CreateCampaign', nested)).code).toBe('AccessDenied');
    const latest = { name: 'new', solutionVersionArn: `${resourcesOf('theirs').solutionArn}/$LATEST` };
    expect((await outcome('CreateCampaign', latest)).code).toBe('AccessDenied');
  });

  test('lists with a parent only, and a parent that is none gets it no list', async () => {
    const lists = operations.filter(({ operation }) => operation.startsWith('List'));
    const shared = ['ListDatasetGroups', 'ListSchemas', 'ListRecipes'];
    for (const { operation, members } of lists.filter(({ operation }) => !shared.includes(operation))) {
      expect(await outcome(operation, {})).toMatchObject({ code: 'AccessDenied' });
      const wrongKind = { [members[0]!]: schemaArn };
      expect([operation, (await outcome(operation, wrongKind)).code]).toEqual([operation, 'InvalidInput']);
    }
  });

  test('creates dataset groups of the names in its list, and sees no other', async () => {
    expect((await outcome('CreateDatasetGroup', { name: 'others' })).code).toBe('AccessDenied');
    expect((await outcome('CreateDatasetGroup', { name: 'planned' })).code).toBe('OK');
    const { datasetGroups } = (await as(mine, 'ListDatasetGroups', {})) as { datasetGroups: { name: string }[] };
    expect(datasetGroups.map(({ name }) => name)).toEqual(['mine', 'planned']);
    expect((await outcome('ListSchemas', {})).code).toBe('OK');
    expect((await outcome('ListRecipes', {})).code).toBe('OK');
  });

  test('describes, lists and deletes what is its own', async () => {
    const own: Record<string, string> = resourcesOf('mine');
    const reads = grouped.filter(({ operation }) => /^(Describe|List)/.test(operation));
    for (const { operation, member } of reads) {
      const { code } = await outcome(operation, { [member]: own[member] });
      // What is outside of this project says so.
      const isOutside = /Filter|Batch|MetricAttribution|Recommender/.test(operation);
      expect({ operation, code }).toEqual({
        operation,
        code: isOutside ? expect.stringMatching(/^(OK|InvalidInput)$/) : 'OK',
      });
    }
    await api.parts.database.query(`update dataset_job set status = 'ACTIVE'`);
    for (const [operation, member] of [
      ['DeleteCampaign', 'campaignArn'],
      ['DeleteSolution', 'solutionArn'],
      ['DeleteEventTracker', 'eventTrackerArn'],
      ['DeleteDataset', 'datasetArn'],
      ['DeleteDatasetGroup', 'datasetGroupArn'],
    ] as const) {
      expect([operation, await outcome(operation, { [member]: own[member] })]).toEqual([
        operation,
        { code: 'OK', message: '' },
      ]);
    }
    const { datasetGroupArn, datasetArn } = own;
    expect((await outcome('DescribeDatasetGroup', { datasetGroupArn })).code).toBe('ResourceNotFound');
    expect((await outcome('DescribeDataset', { datasetArn })).code).toBe('ResourceNotFound');
    for (const [member, arn] of Object.entries(resourcesOf('theirs'))) {
      const kind = member[0]!.toUpperCase() + member.slice(1, -'Arn'.length);
      await as(FULL_ACCESS, `Describe${kind}` as ControlOperation, { [member]: arn });
    }
  });
});

test('a key of the data plane may do nothing here', async () => {
  const caller: Caller = { name: 'shop', planes: new Set(['data']) };
  for (const { operation } of operations) {
    await expect(as(caller, operation, {})).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('this is the control plane'),
    });
  }
});
