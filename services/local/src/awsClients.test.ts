import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLogger } from '@attune/service';
import { eventually } from '@attune/testing';
import {
  DeleteCampaignCommand,
  DescribeCampaignCommand,
  ListDatasetsCommand,
  PersonalizeClient,
} from '@aws-sdk/client-personalize';
import { PersonalizeEventsClient, PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { GetRecommendationsCommand, PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { prepareDemo } from './demo/prepare';
import { readLocalConfig } from './localConfig';
import type { Attune } from './startAttune';
import { startAttune } from './startAttune';
import { createTerminal } from './terminal';
import { generatedClicks, generatedItems } from './testing/generatedClicks';

let folder: string;
let attune: Attune;
let campaignArn: string;
let trackingId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-aws-'));
  await writeFile(join(folder, 'clicks.csv'), generatedClicks());
  await writeFile(join(folder, 'items.csv'), generatedItems());
  const flags = { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 };
  attune = await startAttune({
    config: readLocalConfig({}, flags),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const prepared = await prepareDemo(
    attune,
    {
      description: 'generated clicks',
      datasetGroup: 'clicks',
      files: { interactions: join(folder, 'clicks.csv'), items: join(folder, 'items.csv') },
    },
    createTerminal(process.stderr),
  );
  ({ campaignArn, trackingId } = prepared);
}, 120_000);

afterAll(async () => {
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the AWS SDK for JavaScript', () => {
  const settings = () => ({
    endpoint: attune.http.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  test('an event sent by PutEvents changes what GetRecommendations answers', async () => {
    const runtime = new PersonalizeRuntimeClient(settings());
    const events = new PersonalizeEventsClient(settings());
    const ask = () => runtime.send(new GetRecommendationsCommand({ campaignArn, userId: 'sdk-user', numResults: 5 }));

    const cold = await ask();
    expect(cold.itemList).toHaveLength(5);
    expect(cold.itemList?.[0]?.reason).toEqual(['Popular item']);
    expect(cold.recommendationId).toMatch(/^.{1,40}$/);

    await events.send(
      new PutEventsCommand({
        trackingId,
        userId: 'sdk-user',
        sessionId: 's1',
        eventList: [
          {
            eventType: 'click',
            itemId: 'i10',
            sentAt: new Date(),
            recommendationId: cold.recommendationId,
            impression: cold.itemList?.map(({ itemId }) => itemId ?? ''),
            properties: { deviceType: 'phone' },
          },
        ],
      }),
    );
    let warm = await ask();
    for (let attempt = 0; attempt < 100 && warm.itemList?.[0]?.itemId !== 'i11'; attempt++) warm = await ask();
    // In the generated clicks i11 follows i10 four times out of five.
    expect(warm.itemList?.[0]?.itemId).toBe('i11');
    expect(warm.itemList?.[0]?.score).toBeGreaterThan(1 / 40);
    runtime.destroy();
    events.destroy();
  });

  test('errors arrive as the typed exceptions of the SDK, and name the member', async () => {
    const runtime = new PersonalizeRuntimeClient(settings());
    const events = new PersonalizeEventsClient(settings());
    const eventList = [{ eventType: 'click', itemId: 'i'.repeat(300), sentAt: new Date() }];
    await expect(events.send(new PutEventsCommand({ trackingId, sessionId: 's', eventList }))).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining('itemId'),
      $metadata: { httpStatusCode: 400 },
    });
    await expect(
      runtime.send(
        new GetRecommendationsCommand({
          campaignArn: 'arn:aws:personalize:us-east-1:000000000000:campaign/none',
          userId: 'u',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
    runtime.destroy();
    events.destroy();
  });
});

const python = process.env.ATTUNE_PYTHON ?? 'python3';

function hasBoto3(): boolean {
  try {
    execFileSync(python, ['-c', 'import boto3'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('boto3 test skipped: no Python with boto3 (set ATTUNE_PYTHON to one that has it)\n');
    return false;
  }
}

(hasBoto3() ? test : test.skip)('boto3, unmodified, makes the same calls and reads the same errors', async () => {
  const script = `
import boto3, json, sys, time
endpoint, campaign, tracker = sys.argv[1:]
aws = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
runtime, events = boto3.client("personalize-runtime", **aws), boto3.client("personalize-events", **aws)
events.put_events(trackingId=tracker, userId="boto-user", sessionId="s1", eventList=[
    {"eventType": "click", "itemId": "i20", "sentAt": time.time(), "properties": json.dumps({"deviceType": "phone"})}])
deadline = time.time() + 5
while True:
    answer = runtime.get_recommendations(campaignArn=campaign, userId="boto-user", numResults=3,
                                         metadataColumns={"ITEMS": ["TITLE"]})
    if answer["itemList"][0]["itemId"] == "i21" or time.time() > deadline: break
try:
    events.put_events(trackingId="no-such-tracker", sessionId="s", eventList=[{"eventType": "click", "sentAt": time.time()}])
    error = None
except events.exceptions.InvalidInputException as e:
    error = e.response["Error"]
print(json.dumps({"first": answer["itemList"][0], "error": error}))
`;
  const { stdout } = await promisify(execFile)(python, ['-c', script, attune.http.url, campaignArn, trackingId]);
  expect(JSON.parse(stdout)).toEqual({
    first: { itemId: 'i21', score: expect.any(Number), metadata: { TITLE: 'Item, number 21' } },
    error: { Code: 'InvalidInputException', Message: expect.stringContaining('no-such-tracker') },
  });
});

test('what the demo made are resources of the API, and a campaign that is deleted answers no more', async () => {
  const settings = { endpoint: attune.http.url, region: 'us-east-1', maxAttempts: 1 };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const personalize = new PersonalizeClient({ ...settings, credentials });
  const runtime = new PersonalizeRuntimeClient({ ...settings, credentials });
  const datasetGroupArn = 'arn:aws:personalize:us-east-1:000000000000:dataset-group/clicks';
  const { datasets } = await personalize.send(new ListDatasetsCommand({ datasetGroupArn }));
  expect(datasets!.map(({ datasetType }) => datasetType)).toEqual(['INTERACTIONS', 'ITEMS', 'USERS']);
  const { campaign } = await personalize.send(new DescribeCampaignCommand({ campaignArn }));
  expect(campaign).toMatchObject({
    status: 'ACTIVE',
    solutionVersionArn: expect.stringContaining(':solution/clicks/'),
  });

  await personalize.send(new DeleteCampaignCommand({ campaignArn }));
  await eventually(() =>
    expect(runtime.send(new GetRecommendationsCommand({ campaignArn, userId: 'u' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    }),
  );
  personalize.destroy();
  runtime.destroy();
});
