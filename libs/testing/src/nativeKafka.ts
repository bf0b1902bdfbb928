import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Certificate, createCertificate } from './certificate';
import { freePort } from './freePort';
import { kafkaJars } from './kafkaJars';
import type { ServerSettings, StartedServer } from './serverAddress';
import { ServerProcess } from './serverProcess';
import { startedProcess } from './startedProcess';

const CREDENTIALS = { username: 'attune', password: 'kafka-secret' };

/** Any 16 bytes in base64url. */
const CLUSTER_ID = 'YXR0dW5lLXRlc3RzLTAwMQ';

/** A small heap, and only the quick compiler: the broker lives for seconds, beside tests that need the processor. */
const JVM = ['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'];

/**
 * Starts a Kafka of one node, broker and controller (KRaft). Topics are not created by their use.
 * @param folder takes its data, configuration and log
 */
export async function startNativeKafka(
  folder: string,
  { secure = false }: ServerSettings = {},
): Promise<StartedServer> {
  const [jars, broker, controller] = [await kafkaJars(), await freePort(), await freePort()];
  const certificate = secure ? await createCertificate(folder) : undefined;
  const configuration = join(folder, 'server.properties');
  const security = certificate
    ? await securely(folder, certificate)
    : 'listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT\n';
  await writeFile(configuration, properties(folder, broker, controller) + security);
  const java = (logLevel: string) => [
    ...JVM,
    ...['-Djava.awt.headless=true', `-Dorg.slf4j.simpleLogger.defaultLogLevel=${logLevel}`],
    // Java itself expands the star.
    ...['-cp', `${jars}/*`],
  ];
  const format = ['format', '--standalone', '-t', CLUSTER_ID, '-c', configuration];
  await promisify(execFile)('java', [...java('warn'), 'kafka.tools.StorageTool', ...format]);
  const server = new ServerProcess({
    program: 'java',
    args: [...java('info'), 'kafka.Kafka', configuration],
    logFile: join(folder, 'kafka.log'),
    ready: 'Kafka Server started',
  });
  return startedProcess(server, {
    source: 'native',
    url: `127.0.0.1:${broker}`,
    ...(certificate && { ca: certificate.certificate, credentials: CREDENTIALS }),
  });
}

function properties(folder: string, broker: number, controller: number): string {
  return `
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
inter.broker.listener.name=CLIENTS
listeners=CLIENTS://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=CLIENTS://127.0.0.1:${broker}
log.dirs=${join(folder, 'data')}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=2097152
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
`;
}

/** TLS with SASL PLAIN on the clients' listener; the controller, on the loopback within one process, stays plain. */
async function securely(folder: string, { certificate, key }: Certificate): Promise<string> {
  const keyStore = join(folder, 'server.pem');
  await writeFile(keyStore, key + certificate);
  const { username, password } = CREDENTIALS;
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}" user_${username}="${password}";`;
  return `
listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=${keyStore}
ssl.truststore.type=PEM
ssl.truststore.location=${join(folder, 'server.crt')}
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.clients.plain.sasl.jaas.config=${login}
`;
}
