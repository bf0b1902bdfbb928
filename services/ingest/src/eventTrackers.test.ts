import { type DatasetGroupName, datasetGroupName, trackingId } from '@attune/domain';
import { rememberDatasetGroups } from './eventTrackers';

const shop = datasetGroupName('shop');
const tracker = trackingId('tracker');

/** Counts look-ups over answers, at a time, that a test may change. */
function lookUps(answers: Record<string, DatasetGroupName>) {
  const asked: string[] = [];
  const clock = { now: 1_000 };
  const find = rememberDatasetGroups(
    async (id) => {
      asked.push(id);
      return answers[id];
    },
    () => clock.now,
  );
  return { asked, clock, find };
}

test('a tracker is looked up once a minute', async () => {
  const { asked, clock, find } = lookUps({ tracker: shop });
  for (let call = 0; call < 3; call += 1) expect(await find(tracker)).toBe(shop);
  expect(asked).toHaveLength(1);
  clock.now += 60_001;
  await find(tracker);
  expect(asked).toHaveLength(2);
});

test('calls at one time share a look-up', async () => {
  const { asked, find } = lookUps({ tracker: shop });
  await Promise.all([find(tracker), find(tracker)]);
  expect(asked).toHaveLength(1);
});

test('a tracker that is created works a second later, though it was asked for before', async () => {
  const answers: Record<string, DatasetGroupName> = {};
  const { asked, clock, find } = lookUps(answers);
  expect(await find(tracker)).toBeUndefined();
  answers.tracker = shop;
  expect(await find(tracker)).toBeUndefined();
  expect(asked).toHaveLength(1);
  clock.now += 1_001;
  expect(await find(tracker)).toBe(shop);
});

test('a look-up that failed is made again', async () => {
  let failing = true;
  const find = rememberDatasetGroups(async () => {
    if (failing) throw new Error('database away');
    return shop;
  }, Date.now);
  await expect(find(tracker)).rejects.toThrow('database away');
  failing = false;
  expect(await find(tracker)).toBe(shop);
});
