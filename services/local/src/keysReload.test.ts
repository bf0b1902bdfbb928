import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AccessKeyEntry } from '@attune/service';
import { eventually } from '@attune/testing';
import { createKey } from './createKey';
import { type AttuneProcess, startAttuneProcess } from './testing/attuneProcess';

let folder: string;
let keysFile: string;
let first: AccessKeyEntry;
let attune: AttuneProcess;
const logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-reload-'));
  keysFile = join(folder, 'keys.json');
  first = await createKey(keysFile, { name: 'first', datasetGroups: ['shop'], planes: ['data'] });
  attune = await startAttuneProcess(join(folder, 'data'), { ATTUNE_KEYS_FILE: keysFile, ATTUNE_HOST: '0.0.0.0' });
  createInterface({ input: attune.process.stdout! }).on('line', (line) => {
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string } };
    logged.push(err ? `${msg}: ${err.message}` : msg);
  });
});

afterAll(async () => {
  await attune?.kill();
  await rm(folder, { recursive: true, force: true });
});

const metrics = (apiKey?: string) =>
  fetch(`${attune.httpUrl}/metrics`, apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` } });

test('metrics beyond the loopback take the API key of any key, and health takes none', async () => {
  for (const apiKey of [undefined, 'wrong', first.accessKeyId]) {
    const refused = await metrics(apiKey);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('x-amzn-errortype')).toBe('UnrecognizedClientException');
    expect(await refused.text()).not.toContain('attune_');
  }
  const shown = await metrics(first.apiKey);
  expect(shown.status).toBe(200);
  expect(await shown.text()).toContain('attune_http_request_duration_seconds');
  for (const path of ['/health', '/livez']) expect((await fetch(attune.httpUrl + path)).status).toBe(200);
});

test('SIGHUP reads the keys file at once, though nothing in it has changed', async () => {
  logged.length = 0;
  attune.process.kill('SIGHUP');
  await eventually(() => expect(logged).toContain('access keys were read again'));
});

test('a keys file that is wrong changes nothing, and the log says what is wrong without a secret', async () => {
  const valid = await readFile(keysFile, 'utf8');
  logged.length = 0;
  await writeFile(keysFile, valid.replace('"first"', '"no name"'));
  attune.process.kill('SIGHUP');
  await eventually(() => expect(logged.join()).toMatch(/stay as they were: .*keys\.json is not valid/));
  expect(logged.join()).not.toContain(first.secretAccessKey);
  expect((await metrics(first.apiKey)).status).toBe(200);
  await writeFile(keysFile, valid);
});

test('a key that was made counts after SIGHUP, and one that was removed does no more', async () => {
  const second = await createKey(keysFile, { name: 'second' });
  await writeFile(keysFile, JSON.stringify([second]));
  attune.process.kill('SIGHUP');
  await eventually(async () => expect((await metrics(first.apiKey)).status).toBe(403));
  expect((await metrics(second.apiKey)).status).toBe(200);
});
