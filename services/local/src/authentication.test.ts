import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { EventsServiceClient } from '@attune/proto';
import { type AccessKeyEntry, createLogger } from '@attune/service';
import { describeWhere, eventually, lackingInPython, python } from '@attune/testing';
import {
  CreateDatasetGroupCommand,
  CreateEventTrackerCommand,
  DescribeDatasetGroupCommand,
  DescribeEventTrackerCommand,
  ListDatasetGroupsCommand,
  ListSolutionsCommand,
  PersonalizeClient,
} from '@aws-sdk/client-personalize';
import { PersonalizeEventsClient, PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { credentials as grpcCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { createKey } from './createKey';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';
import { ATTUNE_MAIN } from './testing/attuneProcess';

type Key = AccessKeyEntry;

let folder: string;
let attune: Attune;
let logged = '';
let [full, shopData, shopControl]: Key[] = [];
let trackingId: string;
const trackers: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-authentication-'));
  const keysFile = join(folder, 'keys.json');
  full = await createKey(keysFile, { name: 'full' });
  shopData = await createKey(keysFile, { name: 'shop-data', datasetGroups: ['shop'], planes: ['data'] });
  shopControl = await createKey(keysFile, { name: 'shop-control', datasetGroups: ['shop'], planes: ['control'] });
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  attune = await startAttune({
    config: readLocalConfig({ ATTUNE_KEYS_FILE: keysFile }, { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 }),
    logger: createLogger({ service: 'test', level: 'trace', destination }),
  });
  const client = personalize(full);
  for (const name of ['shop', 'other']) {
    const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name }));
    const tracker = await client.send(new CreateEventTrackerCommand({ name, datasetGroupArn }));
    trackers[name] = tracker.trackingId!;
  }
  trackingId = trackers.shop!;
}, 60_000);

afterAll(async () => {
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

const settings = ({ accessKeyId, secretAccessKey }: Pick<Key, 'accessKeyId' | 'secretAccessKey'>) => ({
  endpoint: attune.http.url,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});
const personalize = (key: Key | undefined) => new PersonalizeClient(settings(key!));
const arn = (path: string) => `arn:aws:personalize:us-east-1:000000000000:${path}`;

const send = (key: Key | undefined, trackingId: string) =>
  new PersonalizeEventsClient(settings(key!)).send(
    new PutEventsCommand({
      trackingId,
      sessionId: 's',
      eventList: [{ eventType: 'click', itemId: 'i', sentAt: new Date() }],
    }),
  );

describe('the AWS SDK for JavaScript', () => {
  test('calls all it likes with a full key', async () => {
    const { datasetGroups } = await personalize(full).send(new ListDatasetGroupsCommand({}));
    expect(datasetGroups!.map(({ name }) => name)).toEqual(['shop', 'other']);
    await send(full, trackers.other!);
  });

  test('calls ten times at once: no signature is taken for another one’s repetition', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(full, trackingId)));
    expect(answers.map(({ $metadata }) => $metadata.httpStatusCode)).toEqual(Array(10).fill(200));
  });

  test('hears its own exception with a wrong secret, an unknown key and another region', async () => {
    const wrong = { ...full!, secretAccessKey: 'not-the-secret-of-this-key' };
    await expect(send(wrong, trackingId)).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(personalize(wrong).send(new ListDatasetGroupsCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(send({ ...full!, accessKeyId: 'NOTAKEYOFTHISSERVER0' }, trackingId)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  test('with a clock that is an hour off is told the time, and corrects itself', async () => {
    const client = new PersonalizeClient({ ...settings(full!), systemClockOffset: 3_600_000 });
    const list = () => client.send(new ListDatasetGroupsCommand({}));
    await expect(list()).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringMatching(/not yet current: \d{8}T\d{6}Z .* \d{8}T\d{6}Z is the time of this server/),
    });
    expect((await list()).datasetGroups).toHaveLength(2);
  });
});

describe('a key of the data plane and one dataset group', () => {
  test('sends events to its own group only', async () => {
    await send(shopData, trackers.shop!);
    await expect(send(shopData, trackers.other!)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('may not use the control plane', async () => {
    await expect(personalize(shopData).send(new ListDatasetGroupsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('control plane'),
    });
  });
});

describe('a key of the control plane and one dataset group', () => {
  const denied = { name: 'AccessDeniedException' };

  test('sees and changes what is in its group', async () => {
    const client = personalize(shopControl);
    const { datasetGroups } = await client.send(new ListDatasetGroupsCommand({}));
    expect(datasetGroups!.map(({ name }) => name)).toEqual(['shop']);
    await client.send(new DescribeDatasetGroupCommand({ datasetGroupArn: arn('dataset-group/shop') }));
    await client.send(new DescribeEventTrackerCommand({ eventTrackerArn: arn('event-tracker/shop') }));
    expect(
      (await client.send(new ListSolutionsCommand({ datasetGroupArn: arn('dataset-group/shop') }))).solutions,
    ).toEqual([]);
  });

  test('is refused what is in another, and told what to give where a list has no parent', async () => {
    const client = personalize(shopControl);
    const other = arn('dataset-group/other');
    await expect(client.send(new DescribeDatasetGroupCommand({ datasetGroupArn: other }))).rejects.toMatchObject(
      denied,
    );
    await expect(
      client.send(new DescribeEventTrackerCommand({ eventTrackerArn: arn('event-tracker/other') })),
    ).rejects.toMatchObject(denied);
    await expect(client.send(new CreateDatasetGroupCommand({ name: 'third' }))).rejects.toMatchObject(denied);
    await expect(client.send(new ListSolutionsCommand({}))).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('Give datasetGroupArn'),
    });
    await expect(send(shopControl, trackingId)).rejects.toMatchObject(denied);
  });
});

test('who sends no key gets health, metrics of the loopback, and nothing else', async () => {
  const get = async (path: string, init?: RequestInit) => fetch(`${attune.http.url}${path}`, init);
  for (const path of ['/health', '/livez', '/metrics']) expect((await get(path)).status).toBe(200);
  for (const path of ['/', '/nothing', '/events']) {
    const answer = await get(path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  }
  const large = await get('/events', {
    method: 'POST',
    body: 'x'.repeat(2 ** 20 + 1),
    headers: { 'content-type': 'application/json' },
  });
  expect(large.status).toBe(413);
});

describe('gRPC', () => {
  const put = (headers: Record<string, string>, trackingId: string) =>
    new Promise<ServiceError | null>((resolve) => {
      const client = new EventsServiceClient(attune.grpc.address, grpcCredentials.createInsecure());
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const events = [{ eventType: 'click', itemId: 'i', sentAt: new Date(), impression: [] }];
      client.putEvents({ trackingId, sessionId: 's', events } as never, metadata, (error) => {
        client.close();
        resolve(error);
      });
    });

  test('takes an API key in either header, and keeps to its scope', async () => {
    expect(await put({ authorization: `Bearer ${full!.apiKey}` }, trackers.other!)).toBeNull();
    expect(await put({ 'x-api-key': shopData!.apiKey! }, trackers.shop!)).toBeNull();
    expect(await put({ 'x-api-key': shopData!.apiKey! }, trackers.other!)).toMatchObject({
      code: status.PERMISSION_DENIED,
    });
  });

  test('refuses who has none, or a wrong one', async () => {
    expect(await put({}, trackingId)).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(await put({ authorization: 'Bearer wrong' }, trackingId)).toMatchObject({ code: status.UNAUTHENTICATED });
  });
});

const SCRIPT = `
import boto3, json, sys, time, datetime, urllib.request
from botocore.config import Config
endpoint, key, secret, tracker = sys.argv[1:]
def client(service, secret=secret):
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}))
events = client("personalize-events")
event = {"eventType": "click", "itemId": "i", "sentAt": time.time()}
for _ in range(5):
    events.put_events(trackingId=tracker, sessionId="s", eventList=[event])
groups = [group["name"] for group in client("personalize").list_dataset_groups()["datasetGroups"]]
def error(call):
    try: call()
    except Exception as e: return e.response["Error"]["Code"]
wrong = error(lambda: client("personalize", "not-the-secret-of-this-key").list_dataset_groups())
sent = []
def alter(request, **_):
    sent.append(dict(url=request.url, headers=dict(request.headers.items()), body=request.body))
    request.body = request.body.replace(b"click", b"views")
tampering = client("personalize-events")
tampering.meta.events.register("before-send", alter)
altered = error(lambda: tampering.put_events(trackingId=tracker, sessionId="s", eventList=[event]))
def replay():
    headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in sent[0]["headers"].items()}
    request = urllib.request.Request(sent[0]["url"], data=sent[0]["body"], headers=headers, method="POST")
    try: return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as e: return e.headers["x-amzn-errortype"]
print(json.dumps({"groups": groups, "wrong": wrong, "altered": altered, "sent": replay(), "replayed": replay()}))
`;

describeWhere('boto3', lackingInPython('boto3'), () => {
  test('signs what is taken once; a wrong secret, an altered body and a repetition are refused', async () => {
    const { accessKeyId, secretAccessKey } = full!;
    const { stdout } = await promisify(execFile)(python, [
      ...['-c', SCRIPT],
      ...[attune.http.url, accessKeyId, secretAccessKey, trackingId],
    ]);
    expect(JSON.parse(stdout)).toEqual({
      groups: ['shop', 'other'],
      wrong: 'InvalidSignatureException',
      altered: 'InvalidSignatureException',
      sent: 200,
      replayed: 'InvalidSignatureException',
    });
  });
});

describe('the keys file', () => {
  test('is its owner’s alone, and changes count without a restart', async () => {
    const keysFile = join(folder, 'keys.json');
    expect((await stat(keysFile)).mode & 0o777).toBe(0o600);
    const late = await createKey(keysFile, { name: 'late' });
    await eventually(() => send(late, trackingId));
    const keys = JSON.parse(await readFile(keysFile, 'utf8')) as Key[];
    await writeFile(keysFile, JSON.stringify(keys.filter(({ name }) => name !== 'late')));
    await eventually(() =>
      expect(send(late, trackingId)).rejects.toMatchObject({ name: 'UnrecognizedClientException' }),
    );
  });

  test('is refused where others can read it, or its content is wrong, without a word of a secret', async () => {
    const file = join(folder, 'bad.json');
    const start = () => startWith({ ATTUNE_KEYS_FILE: file });
    await writeFile(file, '[{"name":"x","secretAccessKey":"too-short"}]', { mode: 0o644 });
    await expect(start()).rejects.toThrow(/chmod 600/);
    await rm(file);
    await writeFile(file, '[{"name":"x","secretAccessKey":"too-short"}]', { mode: 0o600 });
    await expect(start()).rejects.toThrow(/\[0\]\.secretAccessKey: at least 16 characters/);
    await expect(start()).rejects.not.toThrow(/too-short/);
  });
});

const startWith = (environment: Record<string, string>, flags = {}) =>
  startAttune({
    config: readLocalConfig(environment, { dataDir: join(folder, 'data2'), port: 0, grpcPort: 0, ...flags }),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });

test('without a key no server listens beyond the loopback, unless it is told to', async () => {
  await expect(startWith({}, { host: '0.0.0.0' })).rejects.toThrow(/attune keys create.*ATTUNE_UNAUTHENTICATED=allow/);
  const open = await startWith({ ATTUNE_UNAUTHENTICATED: 'allow' }, { host: '0.0.0.0' });
  await open.stop();
});

test('`attune keys create` prints what a profile needs', async () => {
  const file = join(folder, 'made', 'keys.json');
  const args = ['keys', 'create', 'web', '--file', file, '--dataset-group', 'shop', '--plane', 'data'];
  const { stdout } = await promisify(execFile)(process.execPath, [ATTUNE_MAIN, ...args]);
  const [key] = JSON.parse(await readFile(file, 'utf8')) as [Key];
  expect(stdout).toContain(`aws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`);
  expect(key).toMatchObject({ name: 'web', datasetGroups: ['shop'], planes: ['data'] });
});

test('no secret and no signature is in the logs, down to the finest', () => {
  expect(logged).toContain('"level":"debug"');
  for (const { secretAccessKey, apiKey } of [full!, shopData!, shopControl!]) {
    expect(logged).not.toContain(secretAccessKey);
    expect(logged).not.toContain(apiKey);
  }
  expect(logged).not.toMatch(/Signature=[0-9a-f]{64}/);
});
