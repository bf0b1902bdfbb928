import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { freePort } from './freePort';
import type { ServerKind, StartedServer } from './serverAddress';

/** Whether a container runtime answers. A `docker` on the PATH proves nothing. */
export async function hasContainerRuntime(): Promise<boolean> {
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

/** Starts a server in a container of its own, at a port of the host that it keeps over restarts. */
export async function startContainer(kind: ServerKind): Promise<StartedServer> {
  const runtime = await getContainerRuntimeClient();
  const { host } = runtime.info.containerRuntime;
  const port = await freePort();
  const { container, url } = DEFINITIONS[kind](host, port);
  const started: StartedTestContainer = await container.start();
  const handle = runtime.container.getById(started.getId());
  return {
    address: { source: 'container', url },
    kill: async () => {
      await handle.kill();
    },
    stop: () => runtime.container.stop(handle, { timeout: 20 }),
    start: () => started.restart(),
    pause: async () => {
      await handle.pause();
    },
    resume: async () => {
      await handle.unpause();
    },
    dispose: async () => {
      await started.stop({ timeout: 0 });
    },
  };
}

interface Definition {
  container: GenericContainer;
  url: string;
}

const DEFINITIONS: Readonly<Record<ServerKind, (host: string, port: number) => Definition>> = {
  kafka: (host, port) => ({
    url: `${host}:${port}`,
    container: new GenericContainer('apache/kafka:4.1.0')
      .withExposedPorts({ container: 9092, host: port })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_LISTENERS: 'CLIENTS://:9092,CONTROLLER://:9093',
        KAFKA_ADVERTISED_LISTENERS: `CLIENTS://${host}:${port}`,
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'CLIENTS',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
        KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
      })
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/)),
  }),
  redis: (host, port) => ({
    url: `redis://${host}:${port}`,
    container: new GenericContainer('redis:7-alpine')
      .withExposedPorts({ container: 6379, host: port })
      .withCommand(['redis-server', '--save', '', '--appendonly', 'yes', '--appendfsync', 'no'])
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/)),
  }),
  postgres: (host, port) => ({
    url: `postgresql://attune:attune@${host}:${port}/postgres`,
    container: new GenericContainer('postgres:17-alpine')
      .withExposedPorts({ container: 5432, host: port })
      .withEnvironment({ POSTGRES_USER: 'attune', POSTGRES_PASSWORD: 'attune', POSTGRES_DB: 'postgres' })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
      // By the port, not the log: the image starts it once for its set-up and once more to stay.
      .withWaitStrategy(Wait.forListeningPorts()),
  }),
};
