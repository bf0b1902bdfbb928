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
    await store.apply(owner('ada'), [click], async () => []);
    await store.apply(owner('bob'), [click], async () => []);
    await store.get(owner('ada'));
    await store.apply(owner('cyd'), [click], async () => []);
    await expect(store.get(owner('bob'))).resolves.toBeUndefined();
    await expect(store.get(owner('ada'))).resolves.toBeDefined();
    await expect(store.get(owner('cyd'))).resolves.toBeDefined();
  });

  test('ask the archive again where it was cleared while it answered', async () => {
    const store = inMemorySessions();
    const answers = ['before the import', 'after the import'];
    await store.apply(owner('ada'), [click], async () => {
      const item = itemId(answers.shift()!);
      if (answers.length > 0) await store.clear(films);
      return [{ eventType: 'watch', itemId: item, timestamp: 1 }];
    });
    await expect(store.get(owner('ada'))).resolves.toMatchObject({ items: ['film-1', 'after the import'] });
  });
});
