import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Database, openPglite } from '@attune/database';
import type { Bus } from './bus';
import { busContract } from './bus.contract';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embeddedLog';
import { eventually } from './eventually.fixture';
import { numbersTopic, type PublisherReport } from './logPublisher.fixture';
import { readGroupPositions } from './logTables';
import type { Topic } from './topic';
import { topics } from './topics';

const silent = { warn: () => {}, error: () => {} };

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(async () => {
  await database.close();
});

busContract('The embedded log', {
  open: () => openEmbeddedLog({ database, logger: silent }),
  declare: async () => {},
});

describe('The embedded log', () => {
  let queries: string[];
  let failing: ((sql: string, parameters: readonly unknown[]) => boolean) | undefined;
  let observed: Database;
  let bus: Bus;
  let topic: Topic<string>;
  let topicCount = 0;

  const open = async (options: Partial<EmbeddedLogOptions> = {}) => {
    bus = await openEmbeddedLog({ database: observed, logger: silent, ...options });
    return bus;
  };
  beforeEach(async () => {
    queries = [];
    failing = undefined;
    observed = {
      ...bindAll(database),
      query: (sql, parameters = []) => {
        queries.push(sql);
        if (failing?.(sql, parameters)) return Promise.reject(new Error('the disk is full'));
        return database.query(sql, parameters);
      },
    };
    topic = { ...numbersTopic, name: `topic-${++topicCount}`, partitions: 1 };
    await open();
  });
  afterEach(async () => {
    failing = undefined;
    await bus.close();
  });

  const publish = (value: string, on = topic) => bus.publish(on, [{ key: 'ada', value }]);
  const follow = async (from: 'beginning' | 'end', on = topic) => {
    const values: string[] = [];
    const offsets: number[] = [];
    await bus.follow(on, {
      from,
      onBatch: async ({ messages }) => {
        values.push(...messages.map(({ value }) => value));
        offsets.push(...messages.map(({ offset }) => offset));
      },
    });
    return { values, offsets };
  };

  test('hands messages to waiting consumers without a look into the database', async () => {
    await publish('zero');
    const { values } = await follow('end');
    queries = [];
    for (const value of ['one', 'two', 'three']) {
      await publish(value);
      await eventually(() => expect(values.at(-1)).toBe(value));
    }
    expect(queries).toHaveLength(3);
    for (const sql of queries) expect(sql).toMatch(/^insert into bus_message/);
  });

  test.each([
    ['many messages', 3000, 'x'],
    ['large messages', 20, 'x'.repeat(500_000)],
  ])(
    'holds a bounded amount for a slow consumer, and reads the rest of %s from the table',
    async (_name, count, value) => {
      let goOn = () => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let received = 0;
      await bus.subscribe(topic, {
        group: topic.name,
        onBatch: async ({ messages }) => {
          await held;
          received += messages.length;
        },
      });
      const reads = () => queries.filter((sql) => sql.includes('bytes_before')).length;
      for (let part = 0; part < 10; part++) {
        await bus.publish(
          topic,
          Array.from({ length: count / 10 }, () => ({ key: 'ada', value })),
        );
      }
      expect(reads()).toBe(0);
      goOn();
      await eventually(() => expect(received).toBe(count));
      expect(reads()).toBeGreaterThan(0);
    },
  );

  test('writes all that waits by one insert', async () => {
    await publish('zero');
    queries = [];
    await Promise.all(Array.from({ length: 500 }, (_, index) => publish(String(index))));
    expect(queries).toHaveLength(1);
  });

  test('refuses only the publications that can not be written, and leaves no gap', async () => {
    const bad = { ...topic, name: `${topic.name}-bad` };
    await publish('zero');
    failing = (sql, [names]) => sql.startsWith('insert into bus_message') && (names as string[]).includes(bad.name);
    const results = await Promise.allSettled([publish('one'), publish('lost', bad), publish('two')]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'Unavailable', cause: { message: 'the disk is full' } } },
      { status: 'fulfilled' },
    ]);
    const good = await follow('beginning');
    await eventually(() => expect(good).toEqual({ values: ['zero', 'one', 'two'], offsets: [0, 1, 2] }));
    failing = undefined;
    await publish('found', bad);
    const later = await follow('beginning', bad);
    await eventually(() => expect(later).toEqual({ values: ['found'], offsets: [0] }));
  });

  test('goes on by itself after the database could not be read for a while', async () => {
    for (const value of ['one', 'two']) await publish(value);
    let failures = 0;
    failing = (sql) => sql.includes('from bus_message') && sql.includes('bytes_before') && ++failures <= 2;
    const { values } = await follow('beginning');
    await eventually(() => expect(values).toEqual(['one', 'two']));
    expect(failures).toBe(3);
  });

  test('does not let a member that hangs hold up the partitions of the others', async () => {
    const wide = { ...topic, partitions: 8 };
    const received: string[] = [];
    let release = () => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const onBatch = async ({ messages }: { messages: readonly { value: string }[] }) => {
      if (messages.some(({ value }) => value === 'hang')) await hanging;
      received.push(...messages.map(({ value }) => value));
    };
    for (let member = 0; member < 2; member++) await bus.subscribe(wide, { group: topic.name, onBatch });
    await bus.publish(wide, [{ key: 'user 0', value: 'hang' }]);
    await setTimeout(20);
    const others = Array.from({ length: 50 }, (_, user) => ({ key: `user ${user}`, value: `by ${user}` }));
    await bus.publish(wide, others);
    await eventually(() => expect(received.length).toBeGreaterThan(30));
    expect(received).not.toContain('hang');
    release();
    await eventually(() => expect(received).toHaveLength(51));
  });

  test('commits positions within a second or so, and tries again where that fails', async () => {
    failing = (sql) => sql.includes('insert into bus_position') && queries.filter((q) => q === sql).length === 2;
    await bus.subscribe(topic, { group: 'laggard', onBatch: async () => {} });
    await publish('one');
    await eventually(async () => {
      expect(await readGroupPositions(database, 'laggard', topic.name)).toEqual(new Map([[0, 1]]));
    });
    expect(queries.filter((sql) => sql.includes('insert into bus_position')).length).toBeGreaterThanOrEqual(3);
  });

  test('says where positions could not be committed at the end, and closes all the same', async () => {
    await bus.subscribe(topic, { group: 'unlucky', onBatch: async () => {} });
    failing = (sql) => sql.includes('insert into bus_position');
    await publish('one');
    await setTimeout(20);
    await expect(bus.close()).rejects.toThrow('the disk is full');
    await expect(publish('two')).rejects.toMatchObject({ code: 'Unavailable' });
    await open();
  });

  test('refuses another number of partitions than a topic has messages for', async () => {
    await publish('one');
    const wider = { ...topic, partitions: 2 };
    await expect(publish('two', wider)).rejects.toMatchObject({ code: 'InvalidInput' });
    await bus.close();
    await open();
    const spread = { ...topic, name: `${topic.name}-spread`, partitions: 4 };
    await bus.publish(
      spread,
      Array.from({ length: 20 }, (_, user) => ({ key: `user ${user}`, value: 'x' })),
    );
    await bus.close();
    await open();
    await expect(publish('two', { ...spread, partitions: 2 })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('declared with 2 partitions, and the log has 4'),
    });
  });

  test('passes over a dead letter that can not be decoded', async () => {
    const warnings: object[] = [];
    await bus.close();
    await open({ logger: { ...silent, warn: (context) => warnings.push(context) } });
    await publish('no dead letter', { ...topic, name: topics.deadLetters.name });
    await bus.follow(topics.deadLetters, { from: 'beginning', onBatch: async () => {} });
    await eventually(() => expect(warnings).toMatchObject([{ topic: 'dead-letters' }]));
    await setTimeout(50);
    expect(warnings).toHaveLength(1);
  });

  describe('retention', () => {
    const HOUR = 3_600_000;
    let now: number;
    const reopen = async () => {
      await bus.close();
      await open({ now: () => now, retentionMs: HOUR });
    };
    const left = async (on = topic) => {
      const rows = await database.query<{ text: string }>(
        `select convert_from(value, 'utf8') as text from bus_message where topic = $1 order by message_offset`,
        [on.name],
      );
      return rows.map(({ text }) => text);
    };
    beforeEach(async () => {
      now = Date.now();
      await reopen();
    });

    test('removes what is old, but for the newest, and counts on from there', async () => {
      await publish('old');
      await publish('newest');
      now += 2 * HOUR;
      await reopen();
      await expect(left()).resolves.toEqual(['newest']);
      await publish('later');
      const { offsets } = await follow('beginning');
      await eventually(() => expect(offsets).toEqual([1, 2]));
    });

    test('keeps what is young', async () => {
      await publish('old');
      now += 2 * HOUR;
      for (const value of ['young', 'younger']) await publish(value);
      await reopen();
      await expect(left()).resolves.toEqual(['young', 'younger']);
    });

    test('keeps what a group has not passed, however old', async () => {
      for (const value of ['one', 'two', 'three', 'four']) await publish(value);
      const seen: string[] = [];
      const subscription = await bus.subscribe(topic, {
        group: topic.name,
        maxBatchSize: 2,
        onBatch: async ({ messages }) => {
          if (seen.length === 2) throw new Error('enough for today');
          seen.push(...messages.map(({ value }) => value));
        },
      });
      await eventually(() => expect(seen).toHaveLength(2));
      await subscription.stop();
      now += 2 * HOUR;
      await reopen();
      await expect(left()).resolves.toEqual(['three', 'four']);
    });
  });
});

describe('The embedded log of a process that is killed', () => {
  let root: string;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'attune-log-'));
  });
  afterAll(async () => {
    if (child) await kill(child);
    await rm(root, { recursive: true });
  });

  test('has every message that was acknowledged, once, and its groups miss none', async () => {
    const folder = join(root, 'database');
    const published: number[] = [];
    const consumed = new Set<string>();
    for (let round = 0; round < 2; round++) {
      const before = published.length;
      child = fork(join(__dirname, 'logPublisher.fixture.js'), [folder, String(round * 1_000_000)]);
      child.on('message', (report: PublisherReport) => {
        if ('published' in report) published.push(report.published);
        else consumed.add(report.consumed);
      });
      while (published.length < before + 500) await setTimeout(5);
      await kill(child);
    }

    const db = await openPglite(folder);
    const bus = await openEmbeddedLog({ database: db, logger: silent });
    const all: string[] = [];
    await bus.follow(numbersTopic, {
      from: 'beginning',
      onBatch: async ({ messages }) => {
        all.push(...messages.map(({ value }) => value));
      },
    });
    await bus.subscribe(numbersTopic, {
      group: 'numbers',
      onBatch: async ({ messages }) => {
        for (const { value } of messages) consumed.add(value);
      },
    });
    await eventually(() => expect(all).toEqual(expect.arrayContaining(published.map(String))));
    await eventually(() => expect(consumed.size).toBe(all.length));
    expect(new Set(all).size).toBe(all.length);
    await bus.close();
    await db.close();
  }, 60_000);
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** An object of the database's own methods, to spread and replace some of. */
function bindAll(db: Database): Database {
  return {
    query: db.query.bind(db),
    runScript: db.runScript.bind(db),
    insertRows: db.insertRows.bind(db),
    copyRows: db.copyRows.bind(db),
    transaction: db.transaction.bind(db),
    stream: db.stream.bind(db),
    close: db.close.bind(db),
  };
}
