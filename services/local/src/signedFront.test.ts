import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFront } from '@attune/front';
import { type AccessKeyEntry, createLogger, createMetrics, type HttpServer } from '@attune/service';
import { describeWhere, freePort, lackingInPython, python } from '@attune/testing';
import {
  CreateDatasetGroupCommand,
  CreateEventTrackerCommand,
  ListDatasetGroupsCommand,
  PersonalizeClient,
} from '@aws-sdk/client-personalize';
import { PersonalizeEventsClient, PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { GetRecommendationsCommand, PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { createKey } from './createKey';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';

let folder: string;
let attune: Attune;
let front: HttpServer;
let key: AccessKeyEntry;
let trackingId: string;

const frontUrl = () => `http://127.0.0.1:${front.port}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-front-'));
  const keysFile = join(folder, 'keys.json');
  key = await createKey(keysFile, { name: 'full' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  attune = await startAttune({
    config: readLocalConfig({ ATTUNE_KEYS_FILE: keysFile }, { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 }),
    logger,
  });
  const { url } = attune.http;
  front = await startFront({
    upstreams: { control: url, ingest: url, inference: `http://127.0.0.1:${await freePort()}` },
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(),
    logger,
  });
  const client = new PersonalizeClient(settings());
  const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name: 'shop' }));
  ({ trackingId } = (await client.send(new CreateEventTrackerCommand({ name: 'shop', datasetGroupArn }))) as {
    trackingId: string;
  });
});

afterAll(async () => {
  await front?.stop();
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

const settings = (secretAccessKey = key.secretAccessKey) => ({
  endpoint: frontUrl(),
  region: 'us-east-1',
  credentials: { accessKeyId: key.accessKeyId, secretAccessKey },
  maxAttempts: 1,
});

describe('the AWS SDK for JavaScript, through the front', () => {
  const putEvents = (secret?: string) =>
    new PersonalizeEventsClient(settings(secret)).send(
      new PutEventsCommand({
        trackingId,
        userId: 'zoë',
        sessionId: 's',
        eventList: [{ eventType: 'click', itemId: 'i', sentAt: new Date() }],
      }),
    );

  test('signs for the front’s address, and the service behind it takes the signature', async () => {
    expect((await putEvents()).$metadata.httpStatusCode).toBe(200);
    const { datasetGroups } = await new PersonalizeClient(settings()).send(new ListDatasetGroupsCommand({}));
    expect(datasetGroups).toMatchObject([{ name: 'shop' }]);
  });

  test('is refused with a wrong secret, and hears of it in the form of each protocol', async () => {
    const wrong = 'not-the-secret-of-this-key';
    await expect(putEvents(wrong)).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new PersonalizeClient(settings(wrong)).send(new ListDatasetGroupsCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('hears when to try again where a service is away, and tries', async () => {
    const runtime = new PersonalizeRuntimeClient({ ...settings(), maxAttempts: 2 });
    const command = new GetRecommendationsCommand({
      campaignArn: 'arn:aws:personalize:us-east-1:000000000000:campaign/a',
    });
    await expect(runtime.send(command)).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      message: 'The service inference does not answer. Repeat the call.',
      $metadata: { httpStatusCode: 503, attempts: 2 },
      $response: { headers: { 'retry-after': '1' } },
    });
  });
});

test('what is not signed passes the front, and no further', async () => {
  const answer = await fetch(`${frontUrl()}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
});

const SCRIPT = `
import boto3, json, sys
from botocore.config import Config
endpoint, key, secret = sys.argv[1:]
def call(secret):
    client = boto3.client("personalize", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                          aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}))
    try: return [group["name"] for group in client.list_dataset_groups()["datasetGroups"]]
    except client.exceptions.ClientError as e: return e.response["Error"]["Code"]
print(json.dumps([call(secret), call("not-the-secret-of-this-key")]))
`;

describeWhere('boto3, through the front', lackingInPython('boto3'), () => {
  test('is taken with its secret, and refused with another', async () => {
    const { stdout } = await promisify(execFile)(python, [
      ...['-c', SCRIPT, frontUrl()],
      ...[key.accessKeyId, key.secretAccessKey],
    ]);
    expect(JSON.parse(stdout)).toEqual([['shop'], 'InvalidSignatureException']);
  });
});
