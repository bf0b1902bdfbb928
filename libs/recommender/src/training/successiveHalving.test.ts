import { planRungs, successiveHalving, type TrialRunner } from './successiveHalving';

/** A race whose objectives are known: what was run, how far, and what was dropped, in order. */
function race(objective: (trial: number, epochs: number) => number) {
  const log: string[] = [];
  const kept = new Set<number>();
  let mostKept = 0;
  const runner: TrialRunner = {
    run: async (trial, epochs) => {
      log.push(`${trial}:${epochs}`);
      kept.add(trial);
      mostKept = Math.max(mostKept, kept.size);
      return objective(trial, epochs);
    },
    drop: (trial) => {
      if (!kept.delete(trial)) throw new Error(`Trial ${trial} was dropped twice.`);
    },
  };
  return { runner, log, kept, mostKept: () => mostKept };
}

test.each([
  [1, [{ trials: 1, epochs: Infinity }]],
  [2, [{ trials: 2, epochs: Infinity }]],
  [
    3,
    [
      { trials: 3, epochs: 3 },
      { trials: 1, epochs: Infinity },
    ],
  ],
  [
    40,
    [
      { trials: 40, epochs: 3 },
      { trials: 13, epochs: 9 },
      { trials: 4, epochs: 27 },
      { trials: 1, epochs: Infinity },
    ],
  ],
])('%p trials', (trials, rungs) => {
  expect(planRungs(trials)).toEqual(rungs);
});

test('the best third goes on each time, and the best of the last rung wins', async () => {
  const { runner, log, kept, mostKept } = race((trial) => [2, 9, 4, 1, 8, 3, 7, 5, 6][trial]!);
  await expect(successiveHalving(planRungs(9), runner)).resolves.toBe(1);
  expect(log.slice(9)).toEqual(['1:9', '4:9', '6:9', '1:Infinity']);
  expect([...kept]).toEqual([1]);
  expect(mostKept()).toBe(4);
});

test('a trial that begins well and then falls behind does not win', async () => {
  const { runner } = race((trial, epochs) => (trial === 5 ? 10 / epochs : 1 + trial / 10));
  await expect(successiveHalving(planRungs(9), runner)).resolves.toBe(8);
});

test('of trials that are level the lowest number wins, and a trial without a figure never does', async () => {
  await expect(successiveHalving(planRungs(9), race(() => 1).runner)).resolves.toBe(0);
  const diverged = race((trial) => (trial < 8 ? Number.NEGATIVE_INFINITY : 0));
  await expect(successiveHalving(planRungs(9), diverged.runner)).resolves.toBe(8);
});
