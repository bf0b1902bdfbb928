import { setTimeout } from 'node:timers/promises';
import { UnavailableError } from '@attune/domain';
import { describeOnOwnServers } from '@attune/testing';
import { openRedis, type RedisConnection } from './redisConnection';

/** The longest a caller waits while Redis is away: the command's time limit, and some for a busy machine. */
const AT_ONCE_MS = 1500;

async function untilBack(redis: RedisConnection): Promise<void> {
  for (;;) {
    try {
      return await redis.ping();
    } catch (error) {
      expect(error).toBeInstanceOf(UnavailableError);
      await setTimeout(20);
    }
  }
}

async function expectUnavailableAtOnce(redis: RedisConnection): Promise<void> {
  const started = performance.now();
  await expect(redis.ping()).rejects.toMatchObject({ code: 'Unavailable', cause: expect.any(Error) });
  expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
}

describeOnOwnServers('A connection to Redis', { redis: {} }, (servers) => {
  let redis: RedisConnection;

  beforeEach(async () => {
    redis = await openRedis({ url: servers.redis.url });
  });
  afterEach(() => {
    redis.close();
  });

  test('rejects at once while the server is away, and comes back by itself', async () => {
    await redis.ping();
    await servers.redis.faults.kill();
    for (let attempt = 0; attempt < 3; attempt++) await expectUnavailableAtOnce(redis);
    await servers.redis.faults.start();
    await untilBack(redis);
  });

  test('rejects what is in hand when the server dies', async () => {
    await servers.redis.faults.pause();
    const pinging = redis.ping();
    await Promise.all([servers.redis.faults.kill(), expect(pinging).rejects.toMatchObject({ code: 'Unavailable' })]);
    await servers.redis.faults.start();
    await untilBack(redis);
  });

  test('rejects where the server does not answer, and goes on when it does', async () => {
    await servers.redis.faults.pause();
    await expectUnavailableAtOnce(redis);
    await servers.redis.faults.resume();
    await untilBack(redis);
  });

  test('is there before the server is', async () => {
    await servers.redis.faults.stop();
    const early = await openRedis({ url: servers.redis.url });
    await expectUnavailableAtOnce(early);
    await servers.redis.faults.start();
    await untilBack(early);
    early.close();
  });

  test('leaves errors of a command as they are', async () => {
    await expect(redis.run((client) => client.eval('return nonsense(', 0))).rejects.toThrow('ERR');
  });

  test('refuses what is no URL, without repeating its password', async () => {
    const refused = openRedis({ url: 'http://user:secret@localhost' });
    await expect(refused).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(refused).rejects.not.toThrow('secret');
  });
});

describeOnOwnServers('An encrypted connection to Redis', { redis: { secure: true } }, (servers) => {
  test('needs the certificate and the password', async () => {
    const { url } = servers.redis;
    const ca = servers.redis.ca!;
    const trusted = await openRedis({ url, ca });
    await trusted.ping();
    trusted.close();

    const distrusted = await openRedis({ url });
    await expect(distrusted.ping()).rejects.toThrow('self-signed certificate');
    distrusted.close();

    const stranger = await openRedis({ url, ca, password: 'wrong' });
    await expect(stranger.ping()).rejects.toThrow('WRONGPASS');
    stranger.close();
  });
});
