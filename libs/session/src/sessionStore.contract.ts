import { datasetGroupName, eventId, type ItemId, itemId, recommendationId, userId } from '@attune/domain';
import fc from 'fast-check';
import type { HistoryOwner, SessionStore } from './sessionStore';
import { DEFAULT_HISTORY_LIMITS, type HistoryEvent, type HistoryLimits } from './userHistory';

/**
 * What every SessionStore must do.
 * @param open opens an empty store
 */
export function sessionStoreContract(name: string, open: (limits: HistoryLimits) => Promise<SessionStore>): void {
  describe(`${name} as a SessionStore`, () => {
    let store: SessionStore;
    const ada: HistoryOwner = { datasetGroup: datasetGroupName('films'), historyKey: userId('ada') };
    const bob: HistoryOwner = { ...ada, historyKey: userId('bob') };

    beforeEach(async () => {
      store = await open(DEFAULT_HISTORY_LIMITS);
    });
    afterEach(async () => {
      await store.close();
    });

    const reopen = async (limits: HistoryLimits) => {
      await store.close();
      store = await open(limits);
    };

    /** An event from the bus: its offset makes its id and its item, unless told otherwise. */
    const event = (offset: number, timestamp: number, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
      eventId: eventId(`event-${offset}`),
      eventType: 'click',
      itemId: itemId(`film-${offset}`),
      timestamp,
      offset,
      ...more,
    });
    const imported = (item: string, timestamp: number): HistoryEvent => ({
      eventType: 'watch',
      itemId: itemId(item),
      timestamp,
    });
    const nothing = async () => [];
    const apply = (owner: HistoryOwner, ...events: HistoryEvent[]) => store.apply([{ owner, events }], nothing);
    const eventIds = async (owner = ada) => (await store.get(owner))?.events.map((each) => each.eventId);
    const items = async (owner = ada) => (await store.get(owner))?.items;
    const revision = async (owner = ada) => (await store.get(owner))?.revision;

    test('holds nothing of a user who was not active', async () => {
      await expect(store.get(ada)).resolves.toBeUndefined();
    });

    test('keeps events whole', async () => {
      const full = event(1, 1000, {
        eventValue: 0,
        recommendationId: recommendationId('list-1'),
        properties: { device: 'tv', volume: 0.5, muted: false },
      });
      const { itemId: _, ...withoutItem } = event(2, 2000);
      await apply(ada, full, withoutItem);
      await expect(store.get(ada)).resolves.toMatchObject({ events: [full, withoutItem], items: ['film-1'] });
    });

    test('keeps users and dataset groups apart', async () => {
      const elsewhere = { ...ada, datasetGroup: datasetGroupName('toys') };
      await apply(ada, event(1, 1000));
      await apply(bob, event(2, 1000));
      await apply(elsewhere, event(3, 1000));
      expect([await items(ada), await items(bob), await items(elsewhere)]).toEqual([
        ['film-1'],
        ['film-2'],
        ['film-3'],
      ]);
    });

    describe('the archived history', () => {
      test('comes back with the first event, and is asked for once', async () => {
        let asked = 0;
        const fromArchive = async () => {
          asked++;
          return [imported('old', 1000), imported('older than its place', 500), imported('newer', 3000)];
        };
        await store.apply([{ owner: ada, events: [event(1, 2000)] }], fromArchive);
        await store.apply([{ owner: ada, events: [event(2, 4000)] }], fromArchive);
        await expect(items()).resolves.toEqual(['film-2', 'newer', 'film-1', 'old', 'older than its place']);
        expect(asked).toBe(1);
      });

      test('may hold the event already', async () => {
        const archived = [imported('old', 500), event(1, 1000), event(2, 1500)];
        await expect(store.apply([{ owner: ada, events: [event(1, 1000)] }], async () => archived)).resolves.toEqual([
          event(1, 1000),
        ]);
        await expect(store.get(ada)).resolves.toMatchObject({ events: archived });
      });

      test('comes back to calls at the same time, and none of them is lost', async () => {
        const slowly = async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return [imported('old', 1)];
        };
        const calls = [1, 2, 3].map((offset) => [{ owner: ada, events: [event(offset, 1000 * offset)] }]);
        await Promise.all(calls.map((users) => store.apply(users, slowly)));
        await expect(items()).resolves.toEqual(['film-3', 'film-2', 'film-1', 'old']);
      });

      test('that can not be had fails the call, and nothing is kept', async () => {
        const broken = async () => {
          throw new Error('the archive is away');
        };
        await expect(store.apply([{ owner: ada, events: [event(1, 1000)] }], broken)).rejects.toThrow(
          'the archive is away',
        );
        await expect(store.get(ada)).resolves.toBeUndefined();
        await store.apply([{ owner: ada, events: [event(1, 1000)] }], async () => [imported('old', 1)]);
        await expect(items()).resolves.toEqual(['film-1', 'old']);
      });

      test('keeps imported interactions that are alike', async () => {
        await store.apply([{ owner: ada, events: [event(1, 2000)] }], async () => [
          imported('twice', 1000),
          imported('twice', 1000),
        ]);
        expect((await store.get(ada))?.events).toHaveLength(3);
      });
    });

    describe('the order of events', () => {
      test('is by time, for those that come late, too', async () => {
        await apply(ada, event(1, 3000), event(2, 1000));
        await apply(ada, event(3, 2000));
        await expect(eventIds()).resolves.toEqual(['event-2', 'event-3', 'event-1']);
        await expect(items()).resolves.toEqual(['film-1', 'film-3', 'film-2']);
      });

      test('is that of arrival where times are equal', async () => {
        await apply(ada, event(1, 1000), event(2, 1000));
        await apply(ada, event(3, 1000));
        await expect(eventIds()).resolves.toEqual(['event-1', 'event-2', 'event-3']);
        await expect(items()).resolves.toEqual(['film-3', 'film-2', 'film-1']);
      });

      test('puts an item where its latest event is', async () => {
        const a = { itemId: itemId('a') };
        await apply(ada, event(1, 1000, a), event(2, 2000), event(3, 3000, a), event(4, 500, a));
        await expect(items()).resolves.toEqual(['a', 'film-2']);
      });
    });

    describe('many users in one call', () => {
      const user = (index: number): HistoryOwner => ({ ...ada, historyKey: userId(`user-${index}`) });

      test('have each their own events, known and unknown to the store', async () => {
        const known = Array.from({ length: 100 }, (_, index) => ({
          owner: user(2 * index),
          events: [event(index, 500)],
        }));
        await store.apply(known, nothing);
        const asked: HistoryOwner[] = [];
        const users = Array.from({ length: 200 }, (_, index) => ({
          owner: user(index),
          events: Array.from({ length: index % 3 }, (_, step) => event(1000 + 10 * index + step, 1000 + step)),
        }));
        const counted = await store.apply(users, async (owner) => {
          asked.push(owner);
          return [imported(`archived ${owner.historyKey}`, 1)];
        });
        const byOffset = (one: HistoryEvent, other: HistoryEvent) => one.offset! - other.offset!;
        expect(counted.toSorted(byOffset)).toEqual(users.flatMap(({ events }) => events));
        expect(asked.map(({ historyKey }) => historyKey).sort()).toEqual(
          users
            .filter((_, index) => index % 2 === 1)
            .map(({ owner }) => owner.historyKey)
            .sort(),
        );
        for (const [index, { owner, events }] of users.entries()) {
          const before = index % 2 === 0 ? `film-${index / 2}` : `archived user-${index}`;
          const expected = [...events.map(({ itemId }) => itemId).toReversed(), before];
          await expect(items(owner)).resolves.toEqual(expected);
        }
      });

      test('may each repeat what the store or the call has', async () => {
        const users = [ada, bob].map((owner) => ({ owner, events: [event(1, 1000), event(2, 2000)] }));
        await store.apply([{ owner: ada, events: [event(1, 1000)] }], nothing);
        await store.apply(users, nothing);
        const again = event(5, 9000, { eventId: eventId('event-2') });
        const more = [event(1, 1000), again, event(3, 3000), event(4, 3000, { eventId: eventId('event-3') })];
        const counted = await store.apply(
          [ada, bob].map((owner) => ({ owner, events: more })),
          nothing,
        );
        expect(counted).toEqual([event(1, 1000), event(3, 3000), event(1, 1000), event(3, 3000)]);
        for (const owner of [ada, bob])
          await expect(eventIds(owner)).resolves.toEqual(['event-1', 'event-2', 'event-3']);
      });

      test('may be one user with more events than are kept', async () => {
        const events = Array.from({ length: 700 }, (_, offset) => event(offset, 1000 + (offset % 7)));
        await expect(store.apply([{ owner: ada, events }], nothing)).resolves.toEqual(events);
        await expect(store.get(ada)).resolves.toMatchObject(historyByDefinition(events, DEFAULT_HISTORY_LIMITS));
      });
    });

    describe('repeated events', () => {
      test('given again by the bus count, and change nothing', async () => {
        await apply(ada, event(1, 1000), event(2, 2000));
        const before = await store.get(ada);
        await expect(apply(ada, event(1, 1000), event(2, 2000))).resolves.toEqual([event(1, 1000), event(2, 2000)]);
        await expect(store.get(ada)).resolves.toEqual(before);
      });

      test('sent again under the same id do not count, and change nothing', async () => {
        await apply(ada, event(1, 1000));
        const before = await store.get(ada);
        const again = event(2, 5000, { eventId: eventId('event-1') });
        await expect(apply(ada, again, event(3, 6000))).resolves.toEqual([event(3, 6000)]);
        await expect(eventIds()).resolves.toEqual(['event-1', 'event-3']);
        expect(before?.events).toEqual([event(1, 1000)]);
      });

      test('within one call count once', async () => {
        const again = event(2, 1000, { eventId: eventId('event-1') });
        await expect(apply(ada, event(1, 1000), again)).resolves.toEqual([event(1, 1000)]);
      });
    });

    describe('limits', () => {
      test('keep the latest events, and the items of more', async () => {
        await reopen({ events: 2, items: 3 });
        await apply(ada, ...[1, 2, 3, 4].map((offset) => event(offset, 1000 * offset)));
        await expect(eventIds()).resolves.toEqual(['event-3', 'event-4']);
        await expect(items()).resolves.toEqual(['film-4', 'film-3', 'film-2']);
      });

      test('leave out an event that is older than all that is kept, though it counts', async () => {
        await reopen({ events: 2, items: 2 });
        await apply(ada, event(1, 2000), event(2, 3000));
        await expect(apply(ada, event(3, 1000))).resolves.toEqual([event(3, 1000)]);
        await expect(store.get(ada)).resolves.toMatchObject({
          events: [event(1, 2000), event(2, 3000)],
          items: ['film-2', 'film-1'],
        });
      });
    });

    describe('the revision', () => {
      test('stays while nothing is applied, and changes with every event', async () => {
        const seen = new Set<string | undefined>();
        for (let offset = 1; offset <= 5; offset++) {
          await apply(ada, event(offset, 1000));
          seen.add(await revision());
          seen.add(await revision());
        }
        expect(seen.size).toBe(5);
      });

      test('is never that of another history of the user, also when that was forgotten', async () => {
        const histories = new Map<string | undefined, unknown>();
        for (const archived of [[imported('a', 1)], [imported('b', 1)], [imported('b', 1), imported('c', 2)]]) {
          await store.apply([{ owner: ada, events: [event(1, 1000)] }], async () => archived);
          const { revision: name, ...history } = (await store.get(ada))!;
          expect(histories.get(name) ?? history).toEqual(history);
          histories.set(name, history);
          await store.clear(ada.datasetGroup);
        }
        expect(histories.size).toBe(3);
      });
    });

    test('a history that was read does not change any more', async () => {
      await apply(ada, event(1, 1000));
      const before = await store.get(ada);
      const copy = structuredClone(before);
      await apply(ada, event(2, 2000), event(3, 500));
      expect(before).toEqual(copy);
    });

    test('clearing forgets the users of one dataset group, who come back from the archive', async () => {
      const prefixed = { ...ada, datasetGroup: datasetGroupName('films-2') };
      for (const owner of [ada, bob, prefixed]) await apply(owner, event(1, 1000));
      await store.clear(ada.datasetGroup);
      expect([await items(ada), await items(bob), await items(prefixed)]).toEqual([undefined, undefined, ['film-1']]);
      await store.apply([{ owner: ada, events: [event(2, 2000)] }], async () => [imported('archived', 1)]);
      await expect(items(ada)).resolves.toEqual(['film-2', 'archived']);
    });

    test('any order and repetition of the same events leads to the same history', async () => {
      const limits = { events: 5, items: 4 };
      await reopen(limits);
      let users = 0;
      const visit = fc.record({ timestamp: fc.nat(8), item: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')) });
      const deliveries = fc.array(visit, { minLength: 1, maxLength: 15 }).chain((visits) => {
        const events = visits.map(({ timestamp, item }, offset): HistoryEvent => {
          const { itemId: _, ...withoutItem } = event(offset, timestamp);
          return item === null ? withoutItem : { ...withoutItem, itemId: itemId(item) };
        });
        const each = fc.shuffledSubarray(events, { minLength: events.length });
        const some = fc.shuffledSubarray(events);
        return fc.record({ events: fc.constant(events), batches: fc.tuple(some, some, each, some) });
      });
      await fc.assert(
        fc.asyncProperty(deliveries, async ({ events, batches }) => {
          const owner = { ...ada, historyKey: userId(`user-${++users}`) };
          for (const batch of batches) await store.apply([{ owner, events: batch }], nothing);
          await expect(store.get(owner)).resolves.toMatchObject(historyByDefinition(events, limits));
        }),
      );
    });
  });
}

/** By sorting everything: what a store does step by step. */
function historyByDefinition(
  events: readonly HistoryEvent[],
  limits: HistoryLimits,
): { events: HistoryEvent[]; items: ItemId[] } {
  const inOrder = events.toSorted((a, b) => a.timestamp - b.timestamp || a.offset! - b.offset!);
  const latestFirst = inOrder.toReversed().flatMap((each) => each.itemId ?? []);
  return { events: inOrder.slice(-limits.events), items: [...new Set(latestFirst)].slice(0, limits.items) };
}
