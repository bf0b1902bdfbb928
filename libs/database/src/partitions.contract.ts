import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetGroupName, eventId, itemId, sessionId, userId } from '@attune/domain';
import type { Database } from './database';
import { archiveInteractions, importInteractions, readHistory, type StreamedInteraction } from './interactions';
import { migrate } from './migrate';
import { ensurePartitions } from './partitions';

/**
 * What the partitions of interactions must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function partitionsContract(name: string, open: () => Promise<Database>): void {
  describe(`Interactions by month on ${name}`, () => {
    let db: Database;

    beforeAll(async () => {
      db = await open();
    });
    beforeEach(async () => {
      await db.runScript('drop schema public cascade; create schema public');
    });
    afterAll(async () => {
      await db.close();
    });

    const group = datasetGroupName('films');
    const ada = userId('ada');
    const now = Date.now();
    const { year, month } = { year: new Date(now).getUTCFullYear(), month: new Date(now).getUTCMonth() };
    /** The first millisecond of a month, counted from this one. */
    const start = (months: number) => Date.UTC(year, month + months);
    const partition = (months: number) =>
      `interaction_${new Date(start(months)).toISOString().slice(0, 7).replace('-', '_')}`;
    const older = `interaction_before_${partition(0).slice('interaction_'.length)}`;
    const event = (timestamp: number, id = `event-${timestamp}`): StreamedInteraction => ({
      event: {
        datasetGroup: group,
        eventId: eventId(id),
        userId: ada,
        sessionId: sessionId('visit'),
        eventType: 'click',
        timestamp,
        receivedAt: now,
      },
      partition: 0,
      offset: 0,
    });
    const places = async () => {
      const rows = await db.query<{ place: string; timestamp: number }>(
        'select tableoid::regclass::text as place, timestamp_ms as timestamp from interaction order by timestamp_ms',
      );
      return rows.map((row) => [row.place, row.timestamp]);
    };

    test('are made for this month and the next two, once', async () => {
      await migrate(db);
      await expect(ensurePartitions(db, now)).resolves.toEqual([partition(0), partition(1), partition(2)]);
      await expect(ensurePartitions(db, now)).resolves.toEqual([]);
      await expect(ensurePartitions(db, start(1))).resolves.toEqual([partition(3)]);
    });

    test('are made once by several processes', async () => {
      await migrate(db);
      const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(db, now)));
      expect(made.flat()).toHaveLength(3);
    });

    test('hold each interaction by its time, from the first millisecond of a month to its last', async () => {
      await migrate(db);
      await ensurePartitions(db, now);
      const times = [0, start(0) - 1, start(0), start(1) - 1, start(1), start(3) - 1, start(3)];
      await archiveInteractions(
        db,
        times.map((time) => event(time)),
      );
      const expected = [older, older, partition(0), partition(0), partition(1), partition(2), 'interaction_default'];
      await expect(places()).resolves.toEqual(expected.map((place, index) => [place, times[index]]));
      expect((await readHistory(db, group, ada, 100)).map(({ timestamp }) => timestamp)).toEqual(times);
      expect((await readHistory(db, group, ada, 3)).map(({ timestamp }) => timestamp)).toEqual(times.slice(-3));
    });

    test('take over what came before they were there', async () => {
      await migrate(db);
      await archiveInteractions(db, [event(start(0)), event(start(4))]);
      await ensurePartitions(db, now);
      await expect(places()).resolves.toEqual([
        [partition(0), start(0)],
        ['interaction_default', start(4)],
      ]);
    });

    test('do not make a repeated event twice, whatever its time', async () => {
      await migrate(db);
      await ensurePartitions(db, now);
      await expect(archiveInteractions(db, [event(start(0), 'same')])).resolves.toBe(1);
      await expect(archiveInteractions(db, [event(start(1), 'same'), event(start(1), 'other')])).resolves.toBe(1);
      await expect(places()).resolves.toEqual([
        [partition(0), start(0)],
        [partition(1), start(1)],
      ]);
    });

    test('come into a database of the first version, with all that it holds', async () => {
      await db.runScript(await readFile(join(__dirname, '..', 'migrations', '000001_first.sql'), 'utf8'));
      await db.runScript(`
        create table schema_migration (version integer primary key, file text not null, applied_at timestamptz not null default now());
        insert into schema_migration (version, file) values (1, '000001_first.sql');
        insert into interaction (dataset_group, event_id, history_key, event_type, timestamp_ms, impression, properties)
        values ('films', 'event-1', 'ada', 'click', ${start(0)}, '{a,b}', '{"device": "tv"}'),
          ('films', null, 'ada', 'watch', 5, null, null), ('films', null, 'ada', 'again', 5, null, null);
      `);
      await migrate(db);
      await ensurePartitions(db, now);
      await expect(archiveInteractions(db, [event(9, 'event-1')])).resolves.toBe(0);
      await importInteractions(db, group, [{ userId: ada, itemId: itemId('film'), eventType: 'newest', timestamp: 5 }]);
      const history = await readHistory(db, group, ada, 100);
      expect(history.map(({ eventType }) => eventType)).toEqual(['watch', 'again', 'newest', 'click']);
      expect(history.at(-1)).toMatchObject({ eventId: 'event-1', properties: { device: 'tv' } });
      expect((await places()).map(([place]) => place)).toEqual([older, older, older, partition(0)]);
    });
  });
}
