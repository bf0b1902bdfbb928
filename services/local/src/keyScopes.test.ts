import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCampaign, ensureDatasetGroup, ensureEventTracker, ensureSolution } from '@attune/control';
import { createSolutionVersion } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { type AccessKeyEntry, createLogger } from '@attune/service';
import { PersonalizeEventsClient, PutEventsCommand, PutItemsCommand } from '@aws-sdk/client-personalize-events';
import {
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
  PersonalizeRuntimeClient,
} from '@aws-sdk/client-personalize-runtime';
import { credentials, status } from '@grpc/grpc-js';
import { createKey } from './createKey';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';
import { grpcCalls } from './testing/grpcCalls';

const arn = (path: string) => `arn:aws:personalize:us-east-1:000000000000:${path}`;
const campaign = (group: string) => arn(`campaign/${group}`);
const version = (group: string) => arn(`solution/${group}/00000001`);

let folder: string;
let attune: Attune;
let keys: Record<'data' | 'control', AccessKeyEntry>;
const trackers: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-scopes-'));
  const keysFile = join(folder, 'keys.json');
  keys = {
    data: await createKey(keysFile, { name: 'data', datasetGroups: ['shop'], planes: ['data'] }),
    control: await createKey(keysFile, { name: 'control', datasetGroups: ['shop'], planes: ['control'] }),
  };
  attune = await startAttune({
    config: readLocalConfig({ ATTUNE_KEYS_FILE: keysFile }, { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 }),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const { control } = attune;
  for (const name of ['shop', 'other'].map(datasetGroupName)) {
    await ensureDatasetGroup(control, name);
    trackers[name] = await ensureEventTracker(control, name);
    const solutionArn = await ensureSolution(control, { name, datasetGroup: name });
    await ensureCampaign(control, { name, datasetGroup: name, solutionArn });
    await createSolutionVersion(control.database, {
      arn: version(name),
      solutionArn,
      datasetGroup: name,
      createdAt: control.now(),
    });
  }
});

afterAll(async () => {
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

const grpc = (key?: AccessKeyEntry) =>
  grpcCalls(attune.grpc.address, credentials.createInsecure(), key && { authorization: `Bearer ${key.apiKey}` });

describe('gRPC', () => {
  const denied = { code: status.PERMISSION_DENIED };
  // Its campaigns have no model: a call that is allowed comes as far as that.
  const notTrained = { code: status.FAILED_PRECONDITION, details: expect.stringContaining('not trained yet') };

  test.each(['getRecommendations', 'getPersonalizedRanking', 'explainRecommendation'] as const)(
    '%s is for its own campaigns',
    async (method) => {
      const call = grpc(keys.data)[method];
      expect(await call(campaign('shop'))).toMatchObject(notTrained);
      const other = await call(campaign('other'));
      expect(other).toMatchObject(denied);
      expect(await call(campaign('nowhere'))).toEqual(other);
      expect(await grpc(keys.control)[method](campaign('shop'))).toMatchObject({
        ...denied,
        details: expect.stringContaining('this is the data plane'),
      });
    },
  );

  test.each(['putEvents', 'streamEvents'] as const)('%s is for its own event trackers', async (method) => {
    expect(await grpc(keys.data)[method](trackers.shop!)).toMatchObject({ code: status.OK });
    expect(await grpc(keys.data)[method](trackers.other!)).toMatchObject(denied);
    expect(await grpc(keys.control)[method](trackers.shop!)).toMatchObject(denied);
  });

  const ofTrainings = ['getTrainingProgress', 'watchTraining', 'getLearningCurve', 'listTrials'] as const;
  test.each(ofTrainings)('%s is for its own trainings', async (method) => {
    const call = grpc(keys.control)[method];
    expect(await call(version('shop'))).toMatchObject({ code: status.OK });
    const other = await call(version('other'));
    expect(other).toMatchObject(denied);
    expect(await call(version('nowhere'))).toEqual(other);
    expect(await grpc(keys.data)[method](version('shop'))).toMatchObject(denied);
  });

  test('reports and replays are for its own campaigns', async () => {
    expect(await grpc(keys.control).evaluateExploration(campaign('shop'))).toMatchObject({ code: status.OK });
    const other = await grpc(keys.control).evaluateExploration(campaign('other'));
    expect(other).toMatchObject(denied);
    expect(await grpc(keys.control).evaluateExploration(campaign('nowhere'))).toEqual(other);
    expect(await grpc(keys.data).evaluateExploration(campaign('shop'))).toMatchObject(denied);
    expect(await grpc(keys.control).replaySlate('RID-unknown')).toMatchObject(denied);
    expect(await grpc(keys.data).replaySlate('RID-unknown')).toMatchObject(denied);
  });

  test('health is open, and reflection is for those with a key', async () => {
    expect(await grpc().health()).toMatchObject({ code: status.OK, answer: { status: 'SERVING' } });
    expect(await grpc().reflection()).toMatchObject({ code: status.UNAUTHENTICATED });
    const { answer } = await grpc(keys.data).reflection();
    expect(answer).toContain('attune.v1.EventsService');
  });
});

describe('HTTP', () => {
  const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } };
  const settings = ({ accessKeyId, secretAccessKey }: AccessKeyEntry) => ({
    endpoint: attune.http.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const calls = (key: AccessKeyEntry, group: string) => {
    const runtime = new PersonalizeRuntimeClient(settings(key));
    const events = new PersonalizeEventsClient(settings(key));
    const eventList = [{ eventType: 'click', itemId: 'i', sentAt: new Date() }];
    return {
      GetRecommendations: () =>
        runtime.send(new GetRecommendationsCommand({ campaignArn: campaign(group), userId: 'ann' })),
      GetPersonalizedRanking: () =>
        runtime.send(
          new GetPersonalizedRankingCommand({ campaignArn: campaign(group), userId: 'ann', inputList: ['i'] }),
        ),
      PutEvents: () => {
        const trackingId = trackers[group] ?? 'none';
        return events.send(new PutEventsCommand({ trackingId, userId: 'ann', sessionId: 's', eventList }));
      },
      PutItems: () =>
        events.send(new PutItemsCommand({ datasetArn: arn(`dataset/${group}/ITEMS`), items: [{ itemId: 'i' }] })),
    };
  };
  const operations = ['GetRecommendations', 'GetPersonalizedRanking', 'PutEvents', 'PutItems'] as const;

  test.each(operations)('%s is for its own group, and for the data plane', async (operation) => {
    await expect(calls(keys.data, 'other')[operation]()).rejects.toMatchObject(denied);
    await expect(calls(keys.control, 'shop')[operation]()).rejects.toMatchObject(denied);
    const own = await calls(keys.data, 'shop')
      [operation]()
      .then(
        () => 'OK',
        ({ message }: Error) => message,
      );
    expect(own).toMatch(operation.startsWith('Put') ? /^OK$/ : /not trained yet/);
  });

  test.each(['GetRecommendations', 'GetPersonalizedRanking', 'PutItems'] as const)(
    '%s denies what is not there like what is another’s',
    async (operation) => {
      const message = (group: string) =>
        calls(keys.data, group)
          [operation]()
          .catch((error: Error) => error.message);
      expect(await message('nowhere')).toBe(await message('other'));
    },
  );
});
