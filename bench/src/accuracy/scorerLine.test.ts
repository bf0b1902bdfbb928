import { gather, printScorer } from './scorerLine';

const result = (hitRate: number, memory: number) => ({
  scorers: [
    {
      name: 'model',
      metrics: { hit_rate_at_10: hitRate, normalized_discounted_cumulative_gain_at_10: hitRate / 2 },
      details: { epochs: 10 * hitRate, backend: 'native' },
    },
  ],
  users: 50,
  items: 20,
  masked: true,
  wallSeconds: 2,
  cpuSeconds: 3,
  peakMemoryMib: memory,
  curve: [],
});

test('a line of several seeds has means, standard errors, and the peak of memory', () => {
  const [scorer] = gather([result(0.2, 100), result(0.4, 300), result(0.6, 200)], [1, 2, 3], 'leave-one-out');
  const printed = jest.spyOn(console, 'log').mockImplementation();
  printScorer(scorer!, { data: 'films', protocol: 'leave-one-out', peer: { ...scorer!, name: 'peer' } });
  const line = JSON.parse(printed.mock.calls[0]![0]);
  printed.mockRestore();
  expect(line).toEqual({
    name: 'films model',
    value: 0.2,
    unit: 'NDCG@10, leave-one-out, full ranking, mean of 3 seeds',
    peer: 'peer',
    peer_value: 0.2,
    ratio: 1,
    hr_at_10: 0.4,
    ndcg_at_10: 0.2,
    // The standard deviation of 0.2, 0.4 and 0.6 is 0.2, over the root of 3.
    hr_at_10_standard_error: 0.1155,
    ndcg_at_10_standard_error: 0.05774,
    seeds: [1, 2, 3],
    users: 50,
    items: 20,
    masked: true,
    wall_s: 2,
    cpu_s: 3,
    peak_memory_mib: 300,
    epochs: [2, 4, 6],
    backend: 'native',
  });
});
