import { describeOnServers } from '@attune/testing';
import { listStoreContract } from './listStore.contract';
import { openRedis, type RedisConnection } from './redisConnection';
import { redisLists } from './redisLists';

describeOnServers('Lists in Redis', ['redis'], (servers) => {
  let redis: RedisConnection;

  beforeAll(async () => {
    redis = await openRedis({ url: servers.redis.url });
  });
  afterAll(() => {
    redis.close();
  });

  listStoreContract('Redis', async (options) => redisLists({ redis, prefix: servers.redis.newPrefix(), ...options }));
});
