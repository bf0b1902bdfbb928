import { datasetGroupName, eventId, itemId, userId } from '@attune/domain';
import { inMemorySessions } from './inMemorySessions';
import { sessionStoreContract } from './sessionStore.contract';
import type { HistoryEvent } from './userHistory';

sessionStoreContract('Memory', async (limits) => inMemorySessions(limits));

describe('Sessions in memory', () => {
  const films = datasetGroupName('films');
  const owner = (name: string) => ({ datasetGroup: films, historyKey: userId(name) });
  const click: HistoryEvent = {
    eventId: eventId('event-1'),
    eventType: 'click',
    itemId: itemId('film-1'),
    timestamp: 1000,
    offset: 1,
  };

  test('forget the user who was asked for and active longest ago when there are too many', async () => {
    const store = inMemorySessions(undefined, { maxUsers: 2 });
    await store.apply([{ owner: owner('ada'), events: [click] }], async () => []);
    await store.apply([{ owner: owner('bob'), events: [click] }], async () => []);
    await store.get(owner('ada'));
    await store.apply([{ owner: owner('cyd'), events: [click] }], async () => []);
    await expect(store.get(owner('bob'))).resolves.toBeUndefined();
    await expect(store.get(owner('ada'))).resolves.toBeDefined();
    await expect(store.get(owner('cyd'))).resolves.toBeDefined();
  });

  test('ask the archive once for calls at the same time', async () => {
    const store = inMemorySessions();
    let asked = 0;
    const slowly = async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [];
    };
    await Promise.all([1, 2, 3].map(() => store.apply([{ owner: owner('ada'), events: [click] }], slowly)));
    expect(asked).toBe(1);
  });

  test('ask the archive again where it was cleared while it answered', async () => {
    const store = inMemorySessions();
    const answers = ['before the import', 'after the import'];
    await store.apply([{ owner: owner('ada'), events: [click] }], async () => {
      const item = itemId(answers.shift()!);
      if (answers.length > 0) await store.clear(films);
      return [{ eventType: 'watch', itemId: item, timestamp: 1 }];
    });
    await expect(store.get(owner('ada'))).resolves.toMatchObject({ items: ['film-1', 'after the import'] });
  });
});
