import {
  datasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  type Slate,
  userId,
} from '@attune/domain';
import { buildInteraction, buildSlate } from '@attune/testing';
import type { Database } from './database';
import { deleteUsers } from './datasetCopy';
import { archiveInteractions } from './interactions';
import { migrate } from './migrate';
import { dropOldPartitions, ensurePartitions, SLATES } from './partitions';
import { archiveSlates, findSlate, type SlateSelection, streamAnsweredSlates } from './slates';

/**
 * What the slate log must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function slatesContract(name: string, open: () => Promise<Database>): void {
  describe(`The slate log on ${name}`, () => {
    let db: Database;

    beforeAll(async () => {
      db = await open();
      await migrate(db);
    });
    beforeEach(async () => {
      await db.runScript('delete from slate; delete from interaction; delete from interaction_event_id');
    });
    afterAll(async () => {
      await db.close();
    });

    const DAY = 86_400_000;
    const served = Date.UTC(2030, 5, 15);
    const called = (id: string, members: Partial<Slate> = {}) =>
      buildSlate({ recommendationId: recommendationId(id), servedAt: served, ...members });
    const answer = (id: string, event: Partial<Interaction>) =>
      archiveInteractions(db, [
        { event: { ...buildInteraction(), eventId: eventId(id), ...event }, partition: 0, offset: 0 },
      ]);
    const slotsBySql = () =>
      db.query('select item_id as "itemId", score, propensity, explored from served_slot order by place');
    const read = async (selection: Partial<SlateSelection> = {}) => {
      const lists = [];
      const batches = streamAnsweredSlates(
        db,
        { campaignArn: 'arn:campaign', from: served, to: served + DAY, ...selection },
        2,
      );
      for await (const batch of batches) lists.push(...batch);
      return lists;
    };

    test('gives each list back as it was, to the last bit', async () => {
      const { userId: _, ...nobody } = called('b', { context: { DEVICE: 'tv', PLACE: 'café' }, degraded: true });
      const slates = [called('a'), nobody as Slate];
      await expect(archiveSlates(db, slates)).resolves.toBe(2);
      for (const slate of slates) await expect(findSlate(db, slate.recommendationId)).resolves.toEqual(slate);
      await expect(findSlate(db, recommendationId('c'))).resolves.toBeUndefined();
    });

    test('keeps what relevance alone filled as items and scores, and gives it back whole', async () => {
      const relevant = [
        { itemId: itemId('item-1'), score: 0.1 + 0.2 },
        { itemId: itemId('item-2'), score: 1e-300 },
      ];
      const slots = relevant.map((item) => ({ ...item, propensity: 1, explored: false }));
      const list = called('a', { relevant, slots, pool: [] });
      await archiveSlates(db, [list]);
      await expect(findSlate(db, list.recommendationId)).resolves.toEqual(list);
      const [row] = await db.query('select relevant, slots from slate');
      expect(row).toEqual({
        relevant: null,
        slots: [
          ['item-1', 0.1 + 0.2],
          ['item-2', 1e-300],
        ],
      });
    });

    test('reads lists that were stored as objects', async () => {
      const list = called('a');
      await archiveSlates(db, [list]);
      await db.query('update slate set slots = $1, relevant = $2, pool = $3', [
        JSON.stringify(list.slots),
        JSON.stringify(list.relevant),
        JSON.stringify(list.pool),
      ]);
      await expect(findSlate(db, list.recommendationId)).resolves.toEqual(list);
      await expect(slotsBySql()).resolves.toEqual(list.slots);
    });

    test('shows slots to SQL', async () => {
      const list = called('a');
      await archiveSlates(db, [list]);
      await expect(slotsBySql()).resolves.toEqual(list.slots);
    });

    test('keeps a list once', async () => {
      await expect(archiveSlates(db, [called('a'), called('b')])).resolves.toBe(2);
      await expect(archiveSlates(db, [called('b'), called('c'), called('c')])).resolves.toBe(1);
      await expect(read()).resolves.toHaveLength(3);
    });

    test('joins lists with the events that name them', async () => {
      await archiveSlates(db, [called('a'), called('b'), called('c')]);
      const [a, b] = [recommendationId('a'), recommendationId('b')];
      await answer('1', { recommendationId: a, itemId: itemId('item-9') });
      await answer('2', { recommendationId: a, itemId: itemId('item-9'), eventType: 'watch' });
      await answer('3', { recommendationId: a, itemId: itemId('item-1'), eventType: 'watch' });
      await answer('4', { recommendationId: b, datasetGroup: datasetGroupName('another') });
      await answer('5', { itemId: itemId('item-1') });
      const answered = (await read()).map(({ slate, events, clicked }) => [slate.recommendationId, events, clicked]);
      expect(answered).toEqual([
        ['a', 3, ['item-1', 'item-9']],
        ['b', 0, []],
        ['c', 0, []],
      ]);
      const clicks = await read({ eventTypes: ['click'] });
      expect(clicks[0]).toMatchObject({ events: 3, clicked: ['item-9'] });
    });

    test('reads the recommendations of one campaign in a span of time, oldest first', async () => {
      await archiveSlates(db, [
        called('later', { servedAt: served + 5 }),
        called('first'),
        called('before', { servedAt: served - 1 }),
        called('after', { servedAt: served + DAY }),
        called('other', { campaignArn: 'arn:other' }),
        called('ranking', { kind: 'ranking' }),
      ]);
      expect((await read()).map(({ slate }) => slate.recommendationId)).toEqual(['first', 'later']);
    });

    test('finds answers through an index', async () => {
      await db.runScript('set enable_seqscan = off');
      const plan = await db.query<{ 'QUERY PLAN': string }>(
        `explain select item_id from interaction where recommendation_id = 'a'`,
      );
      await db.runScript('reset enable_seqscan');
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Cond');
    });

    test('forgets the lists of a user who is deleted', async () => {
      await archiveSlates(db, [called('a'), called('b', { userId: userId('user-2') })]);
      await deleteUsers(db, datasetGroupName('shop'), [userId('user-1')]);
      expect((await read()).map(({ slate }) => slate.recommendationId)).toEqual(['b']);
    });

    test('drops whole months, and what is older than all of them', async () => {
      const now = Date.now();
      const monthAgo = now - 31 * DAY;
      await ensurePartitions(db, now, SLATES);
      const future = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth() + 1, 10);
      await archiveSlates(db, [
        called('ancient', { servedAt: 1 }),
        called('recent', { servedAt: monthAgo }),
        called('now', { servedAt: now }),
        called('future', { servedAt: future }),
      ]);
      const left = async () =>
        (await db.query<{ id: string }>('select recommendation_id as id from slate order by served_ms')).map(
          ({ id }) => id,
        );
      await expect(dropOldPartitions(db, now, SLATES)).resolves.toEqual([]);
      await expect(left()).resolves.toEqual(['now', 'future']);
      await expect(dropOldPartitions(db, future, SLATES)).resolves.toHaveLength(1);
      await expect(dropOldPartitions(db, future, SLATES)).resolves.toEqual([]);
      await expect(left()).resolves.toEqual(['future']);
    });
  });
}
