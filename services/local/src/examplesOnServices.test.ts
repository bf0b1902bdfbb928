import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeOnServers, describeWhere, lackingInPython } from '@attune/testing';
import { ServiceProcess } from './faults/serviceProcess';
import { SERVICE_NAMES } from './services';
import { ATTUNE_MAIN } from './testing/attuneProcess';
import { EXAMPLE_TIMEOUT_MS, expectToFollowTheEvent, runRecipe } from './testing/runExample';

const key = { accessKeyId: 'AKIAEXAMPLE0000000', secretAccessKey: 'a secret that only the tests know' };

describeOnServers(
  'Services of their own behind the front, with an access key',
  ['kafka', 'redis', 'postgres'],
  (servers) =>
    describeWhere('boto3', lackingInPython('boto3'), () => {
      let dataDir: string;
      const processes: ServiceProcess[] = [];

      const start = async (name: ServiceProcess['service'], environment: NodeJS.ProcessEnv) => {
        const service = new ServiceProcess(name, environment);
        processes.push(service);
        await service.start();
        return service;
      };

      beforeAll(async () => {
        dataDir = await mkdtemp(join(tmpdir(), 'attune-examples-'));
      });

      afterAll(async () => {
        for (const each of processes.toReversed()) await each.stop();
        await rm(dataDir, { recursive: true, force: true });
      });

      test(
        'the recipe, from a dataset group to an updated campaign',
        async () => {
          const environment = {
            ...process.env,
            KAFKA_BROKERS: servers.kafka.url,
            KAFKA_TOPIC_PREFIX: servers.kafka.newPrefix(),
            DATABASE_URL: await servers.postgres.createDatabase(),
            REDIS_URL: servers.redis.url,
            ATTUNE_DATA_DIR: dataDir,
            ATTUNE_TRAINING_TIME_BUDGET: '5',
            ATTUNE_ACCESS_KEY_ID: key.accessKeyId,
            ATTUNE_SECRET_ACCESS_KEY: key.secretAccessKey,
          };
          for (const command of ['topics', 'migrate']) {
            await promisify(execFile)(process.execPath, [ATTUNE_MAIN, command], { env: environment });
          }
          const urls: Record<string, string> = {};
          for (const name of SERVICE_NAMES) urls[name] = (await start(name, environment)).httpUrl;
          const front = await start('front', {
            ...environment,
            ATTUNE_CONTROL_URL: urls.control,
            ATTUNE_INGEST_URL: urls.ingest,
            ATTUNE_INFERENCE_URL: urls.inference,
          });
          const site = { endpoint: front.httpUrl, dataDir, ...key };
          expectToFollowTheEvent(await runRecipe(site));
          expect(await runRecipe(site, '--clean-up')).toMatch(/deleted .*:campaign\/example\n/);
        },
        EXAMPLE_TIMEOUT_MS,
      );
    }),
);
