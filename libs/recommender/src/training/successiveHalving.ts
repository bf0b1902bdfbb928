/** One round of the race: how many trials take part, and how far each has come when it ends. */
export interface Rung {
  readonly trials: number;
  /** Epochs from a trial's beginning, not from the rung before. Infinity: to the trial's own end. */
  readonly epochs: number;
}

/** How many trials of a rung are followed by one in the next. 3 is Hyperband's default, and near its optimum of e. */
const REDUCTION = 3;

/** Epochs before the first decision: fewer tell little but which trial has the larger steps. */
const FIRST_DECISION = 3;

/**
 * The rungs of a search: the best third goes on each time, with three times the epochs, until fewer than three are left, which
 * go on to their own end.
 */
export function planRungs(trials: number): Rung[] {
  const rungs: Rung[] = [];
  let left = trials;
  for (let epochs = FIRST_DECISION; left >= REDUCTION; epochs *= REDUCTION) {
    rungs.push({ trials: left, epochs });
    left = Math.floor(left / REDUCTION);
  }
  return [...rungs, { trials: left, epochs: Number.POSITIVE_INFINITY }];
}

/** Trains the trials of a search, which are numbered from 0. */
export interface TrialRunner {
  /**
   * Goes on with a trial, or begins it, until it has come so many epochs.
   * @returns its objective; higher is better
   */
  run(trial: number, epochs: number): Promise<number>;
  /** A trial that is out of the race: what was kept to go on with it may go. */
  drop(trial: number): void;
}

/**
 * Early-stopped successive halving (Jamieson and Talwalkar, 2016; the inner loop of Hyperband, Li et al., 2018): all trials run
 * a little way, the best third goes on three times as far, and so on. Each rung goes through its trials by number, and of two
 * that are level the lower number is the better. As soon as a trial can't be among those that go on, it is dropped, so that a
 * runner keeps a third of the trials at most, and the one in hand.
 * @returns the best trial of the last rung
 */
export async function successiveHalving(rungs: readonly Rung[], runner: TrialRunner): Promise<number> {
  let racing = Array.from({ length: rungs[0]?.trials ?? 0 }, (_, trial) => trial);
  for (const [index, { epochs }] of rungs.entries()) {
    const places = rungs[index + 1]?.trials ?? 1;
    const ranked: { trial: number; objective: number }[] = [];
    for (const trial of racing) {
      ranked.push({ trial, objective: await runner.run(trial, epochs) });
      ranked.sort((a, b) => b.objective - a.objective || a.trial - b.trial);
      for (const { trial: beaten } of ranked.splice(places)) runner.drop(beaten);
    }
    racing = ranked.map(({ trial }) => trial).sort((a, b) => a - b);
  }
  const [best] = racing;
  if (best === undefined) throw new Error('A search needs at least one trial.');
  return best;
}
