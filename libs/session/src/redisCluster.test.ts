import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { itemStatisticsContract } from './itemStatistics.contract';
import { openRedis, type RedisConnection } from './redisConnection';
import { redisItemStatistics } from './redisItemStatistics';
import { redisSessions } from './redisSessions';
import { sessionStoreContract } from './sessionStore.contract';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) process.stderr.write('Skipped: tests on a Redis Cluster. Install redis-server.\n');

/** Two nodes with half of the slots each: a command that names keys of different slots fails, and most keys move. */
(hasRedis ? describe : describe.skip)('A Redis Cluster', () => {
  let folder: string;
  const nodes: ChildProcess[] = [];
  let redis: RedisConnection;
  let prefixes = 0;
  const newPrefix = () => `test-${++prefixes}:`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-redis-cluster-'));
    const ports = [await freePort(), await freePort()];
    for (const port of ports) nodes.push(startNode(folder, port));
    await joinNodes(ports);
    redis = await openRedis({ url: `redis://127.0.0.1:${ports[0]}`, cluster: true });
  });
  afterAll(async () => {
    redis?.close();
    for (const node of nodes) {
      node.kill('SIGKILL');
      await once(node, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  sessionStoreContract('Redis Cluster', async (limits) => redisSessions({ redis, limits, prefix: newPrefix() }));
  itemStatisticsContract('Redis Cluster', async () => redisItemStatistics({ redis, prefix: newPrefix() }));
});

function startNode(folder: string, port: number): ChildProcess {
  const settings = {
    port,
    'cluster-enabled': 'yes',
    'cluster-config-file': `nodes-${port}.conf`,
    'cluster-port': port + 1,
    save: '',
    dir: folder,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn('redis-server', args, { stdio: 'ignore' });
}

async function joinNodes(ports: readonly number[]): Promise<void> {
  const [first, second] = ports.map((port) => new Redis({ port })) as [Redis, Redis];
  await first.cluster('ADDSLOTSRANGE', 0, 8191);
  await second.cluster('ADDSLOTSRANGE', 8192, 16383);
  await first.call('CLUSTER', 'MEET', '127.0.0.1', String(ports[1]), String(ports[1]! + 1));
  const isReady = async (node: Redis) => (await node.cluster('INFO')).includes('cluster_state:ok');
  while (!(await isReady(first)) || !(await isReady(second))) await setTimeout(50);
  for (const node of [first, second]) {
    node.disconnect();
    await once(node, 'end');
  }
}

/** A port that is free, and the next one, too, by which the nodes talk to each other. */
async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    const neighbour = createServer().listen(port + 1, '127.0.0.1');
    const isFree = await Promise.race([
      once(neighbour, 'listening').then(() => true),
      once(neighbour, 'error').then(() => false),
    ]);
    for (const server of isFree ? [probe, neighbour] : [probe]) {
      server.close();
      await once(server, 'close');
    }
    if (isFree) return port;
  }
}
