import { createSolutionVersion, type Database, openPglite, openPostgres } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { describeOnServers } from '@attune/testing';
import {
  CreateCampaignCommand,
  CreateDatasetGroupCommand,
  CreateEventTrackerCommand,
  CreateSolutionCommand,
  DeleteDatasetGroupCommand,
  DeleteSolutionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, START, startControlApi } from './controlApi.fixture';
import { USER_PERSONALIZATION } from './recipes';

describe('Changes at the same time on PGlite', () => {
  changesAtTheSameTime(() => openPglite());
});

describeOnServers('Changes at the same time on PostgreSQL', ['postgres'], (servers) => {
  changesAtTheSameTime(async () => openPostgres({ url: await servers.postgres.createDatabase() }));
});

function changesAtTheSameTime(open: () => Promise<Database>): void {
  const SOLUTION = 'arn:aws:personalize:us-east-1:000000000000:solution/films';
  let api: ControlApi;
  let group: string;

  beforeAll(async () => {
    api = await startControlApi(open);
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.clear();
    const { datasetGroupArn } = await api.client.send(new CreateDatasetGroupCommand({ name: 'films' }));
    group = datasetGroupArn!;
  });

  /** How the calls ended, each by the name of its error or as `ok`. */
  async function outcomes(calls: readonly Promise<unknown>[]): Promise<string[]> {
    const results = await Promise.allSettled(calls);
    return results.map((result) => (result.status === 'fulfilled' ? 'ok' : result.reason.name)).sort();
  }

  test('of many trackers of a group, one is made', async () => {
    const calls = Array.from({ length: 8 }, (_, n) =>
      api.client.send(new CreateEventTrackerCommand({ name: `tracker-${n}`, datasetGroupArn: group })),
    );
    expect(await outcomes(calls)).toEqual([...Array(7).fill('ResourceAlreadyExistsException'), 'ok']);
  });

  test('tags from many sides stop at the limit', async () => {
    const calls = Array.from({ length: 12 }, (_, n) => {
      const tags = Array.from({ length: 5 }, (_each, tag) => ({ tagKey: `key-${n}-${tag}`, tagValue: '' }));
      return api.client.send(new TagResourceCommand({ resourceArn: group, tags }));
    });
    expect(await outcomes(calls)).toEqual([...Array(2).fill('TooManyTagsException'), ...Array(10).fill('ok')]);
  });

  test.each(Array.from({ length: 5 }, (_, round) => [round]))(
    'what goes and what begins to use it exclude each other, round %i',
    async () => {
      const solution = { name: 'films', datasetGroupArn: group, recipeArn: USER_PERSONALIZATION };
      const [made] = await outcomes([api.client.send(new CreateSolutionCommand(solution))]);
      expect(made).toBe('ok');
      const version = { arn: `${SOLUTION}/1`, solutionArn: SOLUTION, datasetGroup: datasetGroupName('films') };
      await createSolutionVersion(api.parts.database, { ...version, createdAt: START });
      await api.parts.database.query(`update solution_version set status = 'ACTIVE'`);
      const campaign = new CreateCampaignCommand({ name: 'films', solutionVersionArn: version.arn });
      const ended = await outcomes([
        api.client.send(new DeleteSolutionCommand({ solutionArn: SOLUTION })),
        api.client.send(campaign),
        api.client.send(new DeleteDatasetGroupCommand({ datasetGroupArn: group })),
      ]);
      expect([
        ['ResourceInUseException', 'ResourceInUseException', 'ok'],
        ['ResourceInUseException', 'ResourceNotFoundException', 'ok'],
        ['ResourceNotFoundException', 'ok', 'ok'],
      ]).toContainEqual(ended);
    },
  );
}
