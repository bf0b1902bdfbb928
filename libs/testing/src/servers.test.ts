import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Client } from 'pg';
import { accepts } from './accepts.fixture';
import { describeOnOwnServers, describeOnServers } from './describeOnServers';

/** Redis's answer to one command, without its protocol's marks; undefined where none comes within half a second. */
async function redis(url: string, command: string, ca?: string): Promise<string | undefined> {
  const { hostname, port, password } = new URL(url);
  const socket = ca ? connectTls({ host: hostname, port: Number(port), ca }) : connect(Number(port), hostname);
  try {
    await once(socket, ca ? 'secureConnect' : 'connect');
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const answer = async (sent: string) => {
      socket.write(`${sent}\r\n`);
      const line: string = (await lines.next()).value;
      // A bulk string's length comes on a line of its own.
      return line.startsWith('$') ? (await lines.next()).value : line.slice(1);
    };
    if (password) await answer(`AUTH ${password}`);
    return await Promise.race([answer(command), setTimeout(500, undefined)]);
  } finally {
    socket.destroy();
  }
}

async function rows(url: string, sql: string, ca?: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, ...(ca && { ssl: { ca } }) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describeOnServers('shared servers', ['kafka', 'redis', 'postgres'], (servers) => {
  test('answer', async () => {
    expect(await accepts(servers.kafka.brokers[0]!)).toBe(true);
    expect(await redis(servers.redis.url, 'PING')).toBe('PONG');
    expect(await rows(servers.postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('give every test names of its own', () => {
    expect(servers.kafka.newPrefix()).not.toBe(servers.kafka.newPrefix());
    expect(servers.redis.newPrefix()).not.toBe(servers.redis.newPrefix());
  });

  test('a template is prepared once, and its copies are apart', async () => {
    let prepared = 0;
    const template = {
      name: `things of ${servers.kafka.newPrefix()}`,
      prepare: async (url: string) => {
        prepared++;
        await rows(url, 'create table thing (id integer)');
      },
    };
    const [first, second] = await Promise.all([
      servers.postgres.createDatabase(template),
      servers.postgres.createDatabase(template),
    ]);
    await rows(first!, 'insert into thing values (1)');
    expect(prepared).toBe(1);
    expect(await rows(second!, 'select id from thing')).toEqual([]);
  });

  test('dropped databases are gone, even with a connection open', async () => {
    const url = await servers.postgres.createDatabase();
    const client = new Client(url);
    client.on('error', () => {});
    await client.connect();
    await servers.postgres.dropDatabases();
    await expect(rows(url, 'select 1')).rejects.toThrow('does not exist');
    await client.end().catch(() => {});
  });
});

describeOnOwnServers('own servers that are broken', { redis: {}, postgres: {} }, (servers) => {
  test('a killed Redis comes back at its address with its data', async () => {
    const { url, faults } = servers.redis;
    await redis(url, 'SET kept 1');
    await faults.kill();
    await expect(redis(url, 'PING')).rejects.toThrow('ECONNREFUSED');
    await faults.start();
    expect(await redis(url, 'GET kept')).toBe('1');
  });

  test('a paused Redis accepts connections and answers nothing until it goes on', async () => {
    const { url, faults } = servers.redis;
    await faults.pause();
    expect(await redis(url, 'PING')).toBeUndefined();
    await faults.resume();
    expect(await redis(url, 'PING')).toBe('PONG');
  });

  test.each(['kill', 'stop'] as const)('PostgreSQL comes back with its data after %s', async (fault) => {
    const { faults } = servers.postgres;
    const url = await servers.postgres.createDatabase();
    await rows(url, 'create table kept as select 1 as id');
    await faults[fault]();
    await expect(rows(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await faults.start();
    expect(await rows(url, 'select id from kept')).toEqual([{ id: 1 }]);
  });
});

describeOnOwnServers(
  'own servers with TLS and a password',
  { redis: { secure: true }, postgres: { secure: true } },
  (servers) => {
    test('Redis takes those who know the password', async () => {
      const { url, ca } = servers.redis;
      expect(await redis(url, 'PING', ca)).toBe('PONG');
      const stranger = new URL(url);
      stranger.password = '';
      expect(await redis(stranger.href, 'PING', ca)).toMatch('NOAUTH');
    });

    test('PostgreSQL takes no connection in the clear', async () => {
      const { url, ca } = servers.postgres;
      expect(await rows(url, 'select 1 as one', ca)).toEqual([{ one: 1 }]);
      await expect(rows(url, 'select 1')).rejects.toThrow('no encryption');
    });
  },
);
