import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bus, createKafkaTopics, openKafkaBus, topics } from '@attune/bus';
import { datasetGroupName, type Interaction } from '@attune/domain';
import { createLogger, createMetrics } from '@attune/service';
import { describeOnServers, describeWhere } from '@attune/testing';
import { type Ingest, startIngest } from './startIngest';

const EXAMPLES = join(__dirname, '..', '..', '..', 'examples', 'kafka-producers');

/** Debian's packages are for its own Python, which need not be the first on the PATH. */
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import confluent_kafka']).status === 0,
);
const lacking = python
  ? []
  : ["Python's confluent_kafka is missing: install it (apt-get install python3-confluent-kafka)."];

describeOnServers('The example producers', ['kafka'], (servers) => {
  let bus: Bus;
  let ingest: Ingest;
  let topicPrefix: string;
  let arrived: Interaction[];
  let arrival: () => void;
  beforeEach(async () => {
    topicPrefix = servers.kafka.newPrefix();
    const logger = createLogger({ service: 'test', level: 'error' });
    const options = { brokers: servers.kafka.brokers, clientId: 'test', topicPrefix, logger };
    await createKafkaTopics(options);
    bus = await openKafkaBus(options);
    ingest = await startIngest({
      bus,
      findDatasetGroup: async (id) => (id === 'tracker' ? datasetGroupName('films') : undefined),
      now: Date.now,
      metrics: createMetrics(),
      logger,
    });
    arrived = [];
    await bus.follow(topics.interactions, {
      from: 'end',
      onBatch: async ({ messages }) => {
        arrived.push(...messages.map(({ value }) => value));
        if (arrived.length === 3) arrival();
      },
    });
  });
  afterEach(async () => {
    await ingest.stop();
    await bus.close();
  });

  const produce = async (program: string, file: string) => {
    const three = new Promise<void>((resolve) => {
      arrival = resolve;
    });
    const { stdout } = await promisify(execFile)(program, [join(EXAMPLES, file)], {
      env: {
        ...process.env,
        KAFKA_BROKERS: servers.kafka.brokers.join(','),
        CLICKSTREAM_TOPIC: `${topicPrefix}clickstream`,
        TRACKING_ID: 'tracker',
      },
    });
    expect(stdout).toBe('3 events were taken\n');
    await three;
    expect(arrived).toMatchObject(
      ['film-1', 'film-2', 'film-3'].map((itemId) => ({
        datasetGroup: 'films',
        userId: 'ada',
        eventType: 'click',
        itemId,
      })),
    );
  };

  test('in JavaScript', () => produce(process.execPath, 'produce.mjs'));

  describeWhere('in Python', lacking, () => {
    test('with confluent-kafka', () => produce(python!, 'produce.py'));
  });
});
