import { MAX_IN_HAND, streamEvents } from './streamEvents';

test('a stream is read no further than the bus keeps up', async () => {
  let read = 0;
  async function* requests() {
    for (; read < 10 * MAX_IN_HAND; read += 1) yield read;
  }
  const waiting: (() => void)[] = [];
  const answer = streamEvents(requests(), () => new Promise((resolve) => waiting.push(() => resolve(1))));
  await new Promise(setImmediate);
  expect(waiting).toHaveLength(MAX_IN_HAND);
  expect(read).toBeLessThan(MAX_IN_HAND);
  while (waiting.length > 0) {
    expect(waiting.length).toBeLessThanOrEqual(MAX_IN_HAND);
    waiting.shift()!();
    await new Promise(setImmediate);
  }
  expect(await answer).toEqual({ acceptedEvents: 10 * MAX_IN_HAND, refusedRequests: 0, refused: [] });
});

test('a failure that is no refusal ends the stream', async () => {
  const failing = streamEvents([1, 2, 3].values() as unknown as AsyncIterable<number>, async (request) => {
    if (request === 2) throw new TypeError('a defect');
    return 1;
  });
  await expect(failing).rejects.toThrow('a defect');
});
