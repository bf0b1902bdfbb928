import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDatasetGroup, ensureEventTracker } from '@attune/control';
import { datasetGroupName } from '@attune/domain';
import { createLogger } from '@attune/service';
import {
  type Certificate,
  type CertificateAuthority,
  createCertificate,
  createCertificateAuthority,
} from '@attune/testing';
import { credentials, status } from '@grpc/grpc-js';
import { createKey } from './createKey';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';
import { grpcCalls } from './testing/grpcCalls';

let folder: string;
let attune: Attune;
let server: Certificate;
let authority: CertificateAuthority;
let apiKey: string;
const trackers: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-certificates-'));
  server = await createCertificate(folder);
  authority = await createCertificateAuthority(folder, 'authority');
  const keysFile = join(folder, 'keys.json');
  await createKey(keysFile, { name: 'shop-web', datasetGroups: ['shop'], planes: ['data'] });
  apiKey = (await createKey(keysFile, { name: 'full' })).apiKey!;
  attune = await startAttune({
    config: readLocalConfig(
      {
        ATTUNE_KEYS_FILE: keysFile,
        ATTUNE_GRPC_TLS_CERTIFICATE: server.certificate,
        ATTUNE_GRPC_TLS_KEY: server.key,
        ATTUNE_GRPC_TLS_CLIENT_CA: authority.certificate,
      },
      { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 },
    ),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  for (const name of ['shop', 'other'].map(datasetGroupName)) {
    await ensureDatasetGroup(attune.control, name);
    trackers[name] = await ensureEventTracker(attune.control, name);
  }
});

afterAll(async () => {
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function callsAs(commonName: string, from = authority, headers: Record<string, string> = {}) {
  const { certificate, key } = await from.issue(commonName);
  const shown = credentials.createSsl(Buffer.from(server.certificate), Buffer.from(key), Buffer.from(certificate));
  return grpcCalls(`localhost:${attune.grpc.port}`, shown, headers);
}

test('a client is the key that its certificate names, within its scope', async () => {
  const calls = await callsAs('shop-web');
  expect(await calls.putEvents(trackers.shop!)).toMatchObject({ code: status.OK });
  expect(await calls.putEvents(trackers.other!)).toMatchObject({ code: status.PERMISSION_DENIED });
  expect(await calls.reflection()).toMatchObject({ code: status.OK, answer: expect.stringContaining('attune.v1') });
});

test('a name that no key has is refused, whatever API key comes with it', async () => {
  const calls = await callsAs('stranger', authority, { 'x-api-key': apiKey });
  const refused = { code: status.UNAUTHENTICATED, details: expect.stringContaining('common name') };
  expect(await calls.putEvents(trackers.shop!)).toMatchObject(refused);
  expect(await calls.reflection()).toMatchObject(refused);
  expect(await calls.health()).toMatchObject({ code: status.OK });
});

test('a certificate of another authority, or none, does not come to a call', async () => {
  const other = await callsAs('full', await createCertificateAuthority(folder, 'other'));
  expect(await other.putEvents(trackers.shop!)).toMatchObject({ code: status.UNAVAILABLE });
  const none = credentials.createSsl(Buffer.from(server.certificate));
  const calls = grpcCalls(`localhost:${attune.grpc.port}`, none, { 'x-api-key': apiKey });
  expect(await calls.putEvents(trackers.shop!)).toMatchObject({ code: status.UNAVAILABLE });
});
