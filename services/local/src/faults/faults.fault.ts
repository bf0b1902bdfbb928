import { setTimeout as pause } from 'node:timers/promises';
import { describeOnOwnServers } from '@attune/testing';
import { status } from '@grpc/grpc-js';
import { SERVICE_NAMES } from '../services';
import { deadLetters, eventually, expectAccounted } from './accounts';
import { putEvent, putEventOverGrpc, recommend } from './clients';
import { Load, type Sent } from './load';
import { type OwnServers, type System, startSystem } from './system';
import { unreadableMessages } from './unreadableMessages';

/** How long the load runs before a fault and after it. `ATTUNE_FAULT_SECONDS=60` makes a long run of it. */
const LOAD_MS = Number(process.env.ATTUNE_FAULT_SECONDS ?? 2) * 1000;

/** How often each fault comes. */
const ROUNDS = Number(process.env.ATTUNE_FAULT_ROUNDS ?? 1);

/** A consumer that is silent for longer than this loses its partitions to another. */
const SESSION_TIMEOUT_MS = 10_000;

/** Per test: a fault, a minute for each of the things that are then accounted for, and as often as there are rounds. */
jest.setTimeout(300_000 * ROUNDS);

// In a block of its own: what it stops at its end still needs the servers.
describeOnOwnServers('the whole system', { kafka: {}, redis: {}, postgres: {} }, (servers) =>
  describe('under load loses nothing when', () => underLoadNothingIsLostWhen(servers)),
);

function underLoadNothingIsLostWhen(servers: OwnServers): void {
  let system: System;
  const sent: Sent = { acknowledged: new Set(), wrong: new Set(), unknown: new Set(), statuses: new Map() };
  let loads = 0;

  beforeAll(async () => {
    system = await startSystem(servers);
  });
  afterAll(() => system?.stop());

  /** Sends events while the fault happens, then expects that all of them are accounted for, and that lists are whole. */
  async function underLoad(fault: (load: Load) => Promise<void>): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const load = new Load({
        name: `load${loads++}`,
        trackingId: system.trackingId,
        httpUrl: system.services.ingest.httpUrl,
        grpcAddress: system.services.ingest.grpcAddress,
        bus: system.accounts.bus,
      });
      load.start();
      try {
        await pause(LOAD_MS);
        await fault(load);
        await pause(LOAD_MS);
        await load.stop();
      } finally {
        load.abandon();
        for (const id of load.sent.acknowledged) sent.acknowledged.add(id);
        for (const id of load.sent.wrong) sent.wrong.add(id);
        for (const id of load.sent.unknown) sent.unknown.add(id);
      }
      await expectAccounted(system.accounts, sent);
      const whole = { status: 200, degraded: false, items: 5 };
      await eventually(async () => expect(await recommend(system, 'user1')).toEqual(whole));
    }
  }

  test('nothing happens', () => underLoad(async () => {}));

  test('the trainer is killed in the middle of a training, which begins anew', () =>
    underLoad(async () => {
      const training = await system.train();
      await system.trainingIs('CREATE IN_PROGRESS', training);
      await system.services.trainer.crash();
      await system.trainingIs('ACTIVE', training);
      await eventually(async () => expect(await system.served()).toBe(training));
    }));

  test.each(['archive', 'feature', 'inference', 'ingest'] as const)('%s is killed', (service) =>
    underLoad(() => system.services[service].crash()),
  );

  test('control is dead while a training ends: the campaign has its model when control is back', () =>
    underLoad(async () => {
      await system.services.control.kill();
      const training = await system.train();
      try {
        await system.trainingIs('ACTIVE', training);
        expect(await system.served()).not.toBe(training);
      } finally {
        await system.services.control.start();
      }
      await eventually(async () => expect(await system.served()).toBe(training));
    }));

  test.each([
    ['killed', 'kill'],
    ['stopped', 'stop'],
  ] as const)('the broker is %s and starts again', (_, fault) =>
    underLoad(async () => {
      await servers.kafka.faults[fault]();
      await servers.kafka.faults.start();
    }),
  );

  test('messages come that nobody can read: they are dead letters with the reason', () =>
    underLoad(async ({ sent: { wrong } }) => {
      const messages = unreadableMessages(system.trackingId, `load${loads}`);
      for (const { topic, key, value } of messages) {
        await system.accounts.bus.publish(topic, [{ key, value }]);
        wrong.add(key);
      }
      await eventually(async () => {
        const letters = await deadLetters(system.accounts);
        for (const { topic, key, reason } of messages) {
          expect(letters.find((letter) => letter.key === key)).toMatchObject({
            topic: topic.name,
            reason: expect.stringContaining(reason),
          });
        }
      });
    }));

  test('Redis forgets everything', () => underLoad(() => system.flushRedis()));

  test('Redis forgets everything while the archive lies behind', () =>
    underLoad(async () => {
      system.services.archive.pause();
      await pause(1_000);
      await system.flushRedis();
      await pause(1_000);
      system.services.archive.resume();
    }));

  test.each([
    ['is away', 'kill', 'start'],
    ['hangs', 'pause', 'resume'],
  ] as const)('Redis %s for a while: recommendations still come, and are marked', (_, fault, cure) =>
    underLoad(async () => {
      await servers.redis.faults[fault]();
      const { status, degraded, items } = await recommend(system, 'user1');
      expect({ status, degraded }).toEqual({ status: 200, degraded: true });
      expect(items).toBeGreaterThan(0);
      await servers.redis.faults[cure]();
    }),
  );

  test('Postgres is away: known trackers and users go on, and an unknown tracking id hears 503', () =>
    underLoad(async ({ sent: { statuses } }) => {
      await servers.postgres.faults.kill();
      const before = statuses.get(200) ?? 0;
      await pause(2_000);
      expect(statuses.get(200)!).toBeGreaterThan(before);
      expect(await recommend(system, 'user1')).toMatchObject({ status: 200, degraded: false });
      expect((await putEvent(system, 'unknown')).status).toBe(503);
      await servers.postgres.faults.start();
    }));

  test.each([
    ['is away', 'kill', 'start'],
    ['hangs', 'pause', 'resume'],
  ] as const)('Kafka %s: callers hear so within 2 s, and nothing is taken for a success', (_, fault, cure) =>
    underLoad(async (load) => {
      await servers.kafka.faults[fault]();
      await pause(500);
      const acknowledged = load.sent.acknowledged.size;
      const start = performance.now();
      const [http, grpc] = await Promise.all([putEvent(system), putEventOverGrpc(system)]);
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(http.status).toBe(503);
      expect(Number(http.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(grpc).toBe(status.UNAVAILABLE);
      expect(await recommend(system, 'user1')).toMatchObject({ status: 200 });
      expect(load.sent.acknowledged.size).toBe(acknowledged);
      await servers.kafka.faults[cure]();
    }),
  );

  test.each(['archive', 'feature', 'ingest'] as const)('one more %s comes, and one leaves', (service) =>
    underLoad(async () => {
      const added = await system.add(service);
      await pause(LOAD_MS);
      const { code, milliseconds } = await added.stop();
      expect(code).toBe(0);
      expect(milliseconds).toBeLessThan(10_000);
    }),
  );

  test('archive and feature are paused for so long that others take over, and then go on', () =>
    underLoad(async () => {
      const others = [await system.add('archive'), await system.add('feature')];
      system.services.archive.pause();
      system.services.feature.pause();
      await pause(SESSION_TIMEOUT_MS + 2_000);
      system.services.archive.resume();
      system.services.feature.resume();
      await pause(LOAD_MS);
      for (const other of others) await other.stop();
    }));

  test('every service stops within 10 s when it is told to, and starts again', () =>
    underLoad(async () => {
      for (const service of SERVICE_NAMES) {
        const { code, milliseconds } = await system.services[service].stop();
        expect({ service, code }).toEqual({ service, code: 0 });
        expect(milliseconds).toBeLessThan(10_000);
        await system.services[service].start();
      }
    }));
}
