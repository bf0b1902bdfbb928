import { datasetGroupName, itemId } from '@attune/domain';
import { inMemoryLists } from './inMemoryLists';
import { listStoreContract } from './listStore.contract';

listStoreContract('Memory', async (options) => inMemoryLists(options));

test('of too many lists in memory, the one touched longest ago goes', async () => {
  const lists = inMemoryLists({ maxLists: 2 });
  const of = (list: string, offset: number) => ({ datasetGroup: datasetGroupName('films'), list, offset });
  for (const [offset, list] of ['one', 'two', 'three'].entries()) {
    await lists.note([
      { ...of(list, offset), partition: 'slates:0', record: { kind: 'served', items: [itemId('a')] } },
    ]);
  }
  const report = { kind: 'reported', timestamp: 1 } as const;
  const changes = await lists.note(
    ['three', 'two', 'one'].map((list, offset) => ({ ...of(list, offset), partition: 0, record: report })),
  );
  expect(changes.map(({ length }) => length)).toEqual([1, 1, 0]);
});
