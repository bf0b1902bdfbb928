import { UnavailableError } from '@attune/domain';
import { createLogger, Registry } from '@attune/service';
import { createInferenceMetrics } from './inferenceMetrics';
import { StoreWatch } from './storeWatch';

/** A watch over a store that is away while the test says so. */
function watched() {
  const logged: string[] = [];
  const metrics = new Registry();
  const state = { now: 0, away: false, asked: 0 };
  const stores = new StoreWatch({
    metrics: createInferenceMetrics(metrics),
    logger: createLogger({ service: 'test', destination: { write: (line: string) => void logged.push(line) } }),
    now: () => state.now,
  });
  const read = () =>
    stores.read('sessions', async () => {
      state.asked += 1;
      if (state.away) throw new UnavailableError('gone');
      return 'found';
    });
  return { read, state, logged, metrics, stores };
}

test('a store that is away is asked again five times a second', async () => {
  const { read, state } = watched();
  state.away = true;
  for (state.now = 0; state.now < 1_000; state.now += 10) expect(await read()).toBeUndefined();
  expect(state.asked).toBe(5);
});

test('the log and a metric say when a store goes and when it is back, once', async () => {
  const { read, state, logged, metrics } = watched();
  const away = async () => /store_away\{store="sessions"\} (\d)/.exec(await metrics.metrics())?.[1];
  state.away = true;
  await read();
  state.now += 500;
  await read();
  expect(await away()).toBe('1');
  state.away = false;
  state.now += 500;
  expect(await read()).toEqual({ result: 'found' });
  await read();
  expect(await away()).toBe('0');
  expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
    'a store is away: lists are degraded',
    'a store is back',
  ]);
});

test('a store that does not answer counts as away after half a second', async () => {
  const { stores } = watched();
  const start = performance.now();
  expect(await stores.read('archive', () => new Promise(() => {}))).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('a defect is no absence', async () => {
  const { stores } = watched();
  await expect(stores.read('archive', () => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
});
