import { readiness } from './readiness';

const answers = async () => {};
const away = (what: string) => () => Promise.reject(new Error(`${what} is away`));
const hangs = () => new Promise<void>(() => {});

test('a service is ready where what it needs answers', async () => {
  const ready = readiness(['archive'], { kafka: answers, database: answers, redis: answers }, []);
  expect(await ready()).toEqual({ missing: [], details: {} });
});

test('what it needs and does not answer is missing; what it can do without only degrades it', async () => {
  const checks = { kafka: answers, database: away('Postgres'), redis: away('Redis') };
  expect(await readiness(['archive'], checks, [])()).toEqual({
    missing: ['Postgres is away'],
    details: { degraded: ['Redis is away'] },
  });
  expect(await readiness(['inference'], checks, [])()).toMatchObject({
    missing: [],
    details: { degraded: ['Postgres is away', 'Redis is away'] },
  });
});

test('what does not answer within two seconds is away', async () => {
  const start = performance.now();
  expect((await readiness(['ingest'], { kafka: hangs }, [])()).missing).toEqual(['kafka did not answer within 2 s.']);
  expect(performance.now() - start).toBeLessThan(3_000);
});

test('what services say of themselves counts too', async () => {
  const broken = { health: () => ({ missing: ['a model is broken'], details: { campaigns: {} } }), stop: answers };
  expect(await readiness(['inference'], {}, [broken])()).toEqual({
    missing: ['a model is broken'],
    details: { campaigns: {} },
  });
});
