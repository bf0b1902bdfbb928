import { Random } from '@attune/recommender';
import { drawBeta, epsilonGreedy, thompsonSampling } from './policies';

const served = ['a', 'b', 'c', 'd'];
const pool = ['new-1', 'new-2', 'new-3', 'new-4', 'new-5'];

test('epsilon-greedy gives its share of places to the pool, and the others to relevance in order', () => {
  const { arrange } = epsilonGreedy(0.3, new Random(1));
  let explored = 0;
  for (let round = 0; round < 10_000; round++) {
    const page = arrange!({ served, pool, length: 4 });
    expect(new Set(page).size).toBe(4);
    const relevant = page.filter((item) => served.includes(item));
    expect(relevant).toEqual(served.slice(0, relevant.length));
    explored += page.length - relevant.length;
  }
  expect(explored / 40_000).toBeCloseTo(0.3, 2);
  expect(epsilonGreedy(0.3, new Random(1)).arrange!({ served: ['a'], pool: [], length: 4 })).toEqual(['a']);
});

test('Thompson sampling comes to show what is clicked, and goes on to try the rest', () => {
  const random = new Random(2);
  const { arrange, learn } = thompsonSampling(random);
  const rates = new Map([...served, ...pool].map((item) => [item, item === 'new-3' ? 0.5 : 0.05]));
  const pages = Array.from({ length: 2_000 }, () => {
    const page = arrange!({ served, pool, length: 2 });
    learn!(
      page,
      page.filter((item) => random.uniform() < rates.get(item)!),
    );
    return page;
  });
  expect(pages.slice(-100).every((page) => page.includes('new-3'))).toBe(true);
  expect(new Set(pages.flat()).size).toBe(9);
});

test('draws from a Beta distribution have its mean and variance', () => {
  const random = new Random(3);
  const draws = Array.from({ length: 50_000 }, () => drawBeta(random, 2, 6));
  const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
  const variance = draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / draws.length;
  expect(mean).toBeCloseTo(0.25, 2);
  expect(variance).toBeCloseTo((2 * 6) / (8 ** 2 * 9), 3);
});
