import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaTopics } from '@attune/bus';
import { ensureDatasetGroup, ensureEventTracker } from '@attune/control';
import { datasetGroupName } from '@attune/domain';
import { EventsServiceClient } from '@attune/proto';
import { createLogger } from '@attune/service';
import { type Certificate, createCertificate, describeOnOwnServers } from '@attune/testing';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { readLocalConfig } from './localConfig';
import { kafkaConnection } from './parts';
import { type Attune, startAttune } from './startAttune';

const shop = datasetGroupName('shop');
const logger = createLogger({ service: 'test', level: 'silent' });
const secure = { secure: true };

describeOnOwnServers(
  'Kafka, Redis and Postgres that speak TLS only and ask for a password',
  { kafka: secure, redis: secure, postgres: secure },
  // In a block of its own: what it stops at its end still needs the servers.
  (servers) =>
    describe('through all services', () => {
      let folder: string;
      let attune: Attune;
      let certificate: Certificate;

      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'attune-secure-'));
        const { kafka, redis, postgres } = servers;
        const database = new URL(await postgres.createDatabase());
        const state = new URL(redis.url);
        const secrets = {
          KAFKA_TLS_CA: kafka.ca!,
          KAFKA_SASL_PASSWORD: kafka.credentials!.password,
          DATABASE_TLS_CA: postgres.ca!,
          DATABASE_PASSWORD: database.password,
          REDIS_TLS_CA: redis.ca!,
          REDIS_PASSWORD: state.password,
        };
        const files: Record<string, string> = {};
        for (const [name, value] of Object.entries(secrets)) {
          files[`${name}_FILE`] = join(folder, name);
          await writeFile(join(folder, name), `${value}\n`);
        }
        certificate = await createCertificate(folder);
        database.password = '';
        state.password = '';
        const config = readLocalConfig(
          {
            ...files,
            ATTUNE_GRPC_TLS_CERTIFICATE_FILE: certificate.certificateFile,
            ATTUNE_GRPC_TLS_KEY_FILE: certificate.keyFile,
            KAFKA_BROKERS: kafka.url,
            KAFKA_TLS: 'on',
            KAFKA_SASL_MECHANISM: 'plain',
            KAFKA_SASL_USERNAME: kafka.credentials!.username,
            DATABASE_URL: database.href,
            DATABASE_TLS: 'on',
            REDIS_URL: state.href,
          },
          { dataDir: join(folder, 'data'), port: 0, grpcPort: 0 },
        );
        await createKafkaTopics(kafkaConnection(config, 'test', logger));
        attune = await startAttune({ config, logger });
      }, 120_000);

      afterAll(async () => {
        await attune?.stop();
        await rm(folder, { recursive: true, force: true });
      });

      test('carry an event from PutEvents to the archive, with the passwords from files', async () => {
        const { control, http } = attune;
        await ensureDatasetGroup(control, shop);
        const trackingId = await ensureEventTracker(control, shop);
        const event = { eventId: 'e1', eventType: 'click', itemId: 'i1', sentAt: Date.now() / 1000 };
        const answer = await fetch(`${http.url}/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ trackingId, userId: 'ann', sessionId: 's', eventList: [event] }),
        });
        expect(answer.status).toBe(200);
        const archived = () =>
          control.database.query('select event_id from interaction where dataset_group = $1', [shop]);
        for (const deadline = Date.now() + 10_000; (await archived()).length === 0; ) {
          expect(Date.now()).toBeLessThan(deadline);
        }
        expect(await archived()).toEqual([{ event_id: 'e1' }]);
      });

      test('leave gRPC to speak TLS as well, and nothing else', async () => {
        const call = (client: EventsServiceClient) =>
          new Promise<ServiceError | null>((resolve) => {
            const request = { trackingId: '', userId: '', sessionId: '', events: [] };
            client.putEvents(request, (error) => {
              client.close();
              resolve(error);
            });
          });
        const trusted = credentials.createSsl(Buffer.from(certificate.certificate));
        const encrypted = await call(new EventsServiceClient(`localhost:${attune.grpc.port}`, trusted));
        expect(encrypted?.details).toContain("at 'tracking_id' failed to satisfy constraint");
        const plain = await call(
          new EventsServiceClient(`localhost:${attune.grpc.port}`, credentials.createInsecure()),
        );
        expect(plain?.code).toBe(status.UNAVAILABLE);
      });

      test('are all that /health asks for', async () => {
        const health = await fetch(`${attune.http.url}/health`);
        expect(await health.json()).toEqual({ status: 'ok', campaigns: {} });
      });
    }),
);
