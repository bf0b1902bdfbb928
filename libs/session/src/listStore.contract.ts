import {
  datasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  sessionId,
  userId,
} from '@attune/domain';
import type { ObservedPartition } from './itemStatistics';
import type { ListChange, ListRecord } from './listReports';
import { type ListStore, type PlacedRecord, reportedListKey } from './listStore';

/**
 * What every ListStore must do.
 * @param open opens an empty store
 */
export function listStoreContract(name: string, open: (options?: { ttlSeconds: number }) => Promise<ListStore>): void {
  describe(`${name} as ListStore`, () => {
    let lists: ListStore;
    let offset = 0;
    const films = datasetGroupName('films');
    const ids = (items: string) => [...items].map(itemId);
    const at = (partition: ObservedPartition, record: ListRecord, list = 'id/1'): PlacedRecord => ({
      datasetGroup: films,
      list,
      partition,
      offset: ++offset,
      record,
    });
    const served = (items: string, list?: string) => at('slates:0', { kind: 'served', items: ids(items) }, list);
    const reported = (more: { item?: string; impression?: string; timestamp?: number } = {}, list?: string) => {
      const { item, impression, timestamp = 1000 } = more;
      const record: ListRecord = {
        kind: 'reported',
        timestamp,
        ...(item !== undefined && { itemId: itemId(item) }),
        ...(impression !== undefined && { impression: ids(impression) }),
      };
      return at(0, record, list);
    };
    const sign = { 1: '+', '-1': '-' };
    /** Impressions of a and b and a click on a, for example: `+a +b +A`. */
    const told = (changes: readonly ListChange[]) =>
      changes
        .map(({ kind, itemId: id, count }) => sign[count] + (kind === 'click' ? id.toUpperCase() : id))
        .toSorted()
        .join(' ');
    const note = async (...records: PlacedRecord[]) => (await lists.note(records)).map(told);

    beforeEach(async () => {
      lists = await open();
    });
    afterEach(() => lists.close());

    test('count the items of a served list once it is reported, and once', async () => {
      expect(await note(served('abc'), reported({ item: 'b' }))).toEqual(['', '+B +a +b +c']);
      expect(await note(reported({ item: 'b' }), reported(), reported({ item: 'c' }))).toEqual(['', '', '+C']);
    });

    test('count a list that was reported before it was known', async () => {
      expect(await note(reported({ item: 'b' }), served('abc'))).toEqual(['', '+B +a +b +c']);
    });

    test('let explicit impressions win, also where they come later', async () => {
      expect(await note(served('abc'), reported({ item: 'b', impression: 'ab' }))).toEqual(['', '+B +a +b']);
      expect(await note(served('abc', 'id/2'), reported({ item: 'c' }, 'id/2'))).toEqual(['', '+C +a +b +c']);
      expect(await note(reported({ impression: 'ad' }, 'id/2'))).toEqual(['+d -C -b -c']);
    });

    test('count nothing of an event about an item that the list did not have, or of an unknown list', async () => {
      expect(await note(served('ab'), reported({ item: 'x' }))).toEqual(['', '+a +b']);
      expect(await note(reported({ item: 'x' }, 'id/unknown'))).toEqual(['']);
    });

    test('move an item once, however often one impression is told', async () => {
      const many = Array.from({ length: 500 }, (_, index) =>
        reported({ item: 'a', impression: 'ab', timestamp: index }),
      );
      expect((await note(...many)).join('')).toBe('+A +a +b');
    });

    test('count at the time of the first report', async () => {
      const [, first] = await lists.note([served('a'), reported({ timestamp: 7 })]);
      const [later] = await lists.note([reported({ timestamp: 9, item: 'a' })]);
      expect([...first!, ...later!].map(({ timestamp }) => timestamp)).toEqual([7, 7]);
    });

    test('say the same again of a record that comes again', async () => {
      const records = [served('ab'), reported({ item: 'a' }), reported({ item: 'b' }), reported({ impression: 'b' })];
      const once = await note(...records);
      expect(once).toEqual(['', '+A +a +b', '+B', '-A -a']);
      expect(await note(...records)).toEqual(once);
      expect(await note(records[2]!)).toEqual(['+B']);
    });

    test('keep lists and dataset groups apart', async () => {
      await note(served('ab', 'id/{1}'), served('cd', 'id/2'));
      expect(await note(reported({}, 'id/{1}'), reported({}, 'id/2'))).toEqual(['+a +b', '+c +d']);
      const elsewhere = { ...reported({}, 'id/2'), datasetGroup: datasetGroupName('toys') };
      expect(await note(elsewhere)).toEqual(['']);
    });

    test('forget a list after some time', async () => {
      await lists.close();
      lists = await open({ ttlSeconds: 1 });
      await note(served('ab'));
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await note(reported({ item: 'a' }))).toEqual(['']);
    });

    test('know a list without recommendation id by its session and its items', () => {
      const event: Interaction = {
        datasetGroup: films,
        eventId: eventId('e'),
        userId: userId('ada'),
        sessionId: sessionId('visit'),
        eventType: 'click',
        timestamp: 1,
        receivedAt: 1,
        impression: ids('ab'),
      };
      const { impression: _, ...silent } = event;
      const key = reportedListKey(event);
      expect(reportedListKey({ ...event, impression: ids('baa'), itemId: itemId('b') })).toBe(key);
      expect(reportedListKey({ ...event, impression: ids('abc') })).not.toBe(key);
      expect(reportedListKey({ ...event, sessionId: sessionId('other') })).not.toBe(key);
      expect(reportedListKey({ ...event, recommendationId: recommendationId('RID') })).toBe('id/RID');
      expect(reportedListKey(silent)).toBeUndefined();
    });
  });
}
