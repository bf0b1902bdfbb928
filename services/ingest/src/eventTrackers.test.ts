import { type DatasetGroupName, datasetGroupName, trackingId } from '@attune/domain';
import { createLogger } from '@attune/service';
import { rememberDatasetGroups } from './eventTrackers';

const shop = datasetGroupName('shop');
const tracker = trackingId('tracker');
const logger = createLogger({ service: 'test', level: 'silent' });

/** Counts look-ups over answers, at a time, that a test may change. */
function lookUps(answers: Record<string, DatasetGroupName>) {
  const asked: string[] = [];
  const clock = { now: 1_000 };
  const find = rememberDatasetGroups(
    async (id) => {
      asked.push(id);
      return answers[id];
    },
    { now: () => clock.now, logger },
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
  const find = rememberDatasetGroups(
    async () => {
      if (failing) throw new Error('database away');
      return shop;
    },
    { now: Date.now, logger },
  );
  await expect(find(tracker)).rejects.toThrow('database away');
  failing = false;
  expect(await find(tracker)).toBe(shop);
});

test('while the database is away a known tracker works on, and it is asked for once a second', async () => {
  const clock = { now: 0 };
  let asked = 0;
  let away = false;
  const find = rememberDatasetGroups(
    async () => {
      asked += 1;
      if (away) throw new Error('database away');
      return shop;
    },
    { now: () => clock.now, logger },
  );
  await find(tracker);
  away = true;
  for (clock.now = 60_000; clock.now < 63_000; clock.now += 100) expect(await find(tracker)).toBe(shop);
  expect(asked).toBe(4);
  await expect(find(trackingId('other'))).rejects.toThrow('database away');
});

test('a tracker that was deleted is refused a minute and one call later', async () => {
  const answers: Record<string, DatasetGroupName> = { tracker: shop };
  const { clock, find } = lookUps(answers);
  await find(tracker);
  delete answers.tracker;
  clock.now += 60_001;
  await find(tracker);
  expect(await find(tracker)).toBeUndefined();
});
