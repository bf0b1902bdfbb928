import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '@attune/testing';
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
    const first = { port: await freePort(), busPort: await freePort() };
    const second = { port: await freePort(), busPort: await freePort() };
    for (const place of [first, second]) nodes.push(startNode(folder, place));
    await joinNodes(first, second);
    redis = await openRedis({ url: `redis://127.0.0.1:${first.port}`, cluster: true });
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

/** Where a node listens to clients, and where to the other node. */
interface NodePorts {
  port: number;
  busPort: number;
}

function startNode(folder: string, { port, busPort }: NodePorts): ChildProcess {
  const settings = {
    port,
    'cluster-enabled': 'yes',
    'cluster-config-file': `nodes-${port}.conf`,
    'cluster-port': busPort,
    save: '',
    dir: folder,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn('redis-server', args, { stdio: 'ignore' });
}

async function joinNodes(...places: readonly [NodePorts, NodePorts]): Promise<void> {
  const [first, second] = places.map(({ port }) => new Redis({ port })) as [Redis, Redis];
  // A node that is not up yet refuses, and is asked again. Without a listener ioredis would print that.
  for (const node of [first, second]) node.on('error', () => {});
  await first.cluster('ADDSLOTSRANGE', 0, 8191);
  await second.cluster('ADDSLOTSRANGE', 8192, 16383);
  await first.call('CLUSTER', 'MEET', '127.0.0.1', String(places[1].port), String(places[1].busPort));
  const isReady = async (node: Redis) => (await node.cluster('INFO')).includes('cluster_state:ok');
  while (!(await isReady(first)) || !(await isReady(second))) await setTimeout(50);
  for (const node of [first, second]) {
    node.disconnect();
    await once(node, 'end');
  }
}
