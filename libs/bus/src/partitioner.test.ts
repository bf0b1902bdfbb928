import { murmur2, partitionOf } from './partitioner';

describe('The partitioner', () => {
  // The vectors of the Kafka project's own tests.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %j as Kafka does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  test('hashes the bytes of a view, wherever they lie in their buffer', () => {
    const shifted = Buffer.from('xfoobar').subarray(1);
    expect(murmur2(shifted)).toBe(-790332482);
  });

  test('gives every partition its share', () => {
    const counts = new Array<number>(12).fill(0);
    for (let user = 0; user < 12_000; user++) counts[partitionOf(Buffer.from(`user-${user}`), 12)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
