import { Random } from '../data/random';
import type { LearningCurvePoint, TrialRecord } from '../serving/model';
import type { Saved } from './checkpoint';
import { type HyperparameterSearch, objectiveOf } from './hyperparameterSearch';
import { EPOCHS_SHARE, type TrainingProgress } from './networkTraining';
import { drawTrials, type Settings } from './searchSpace';
import { planRungs, type Rung, successiveHalving } from './successiveHalving';

/** A network that can be trained a part of the way, and then further. */
export interface TrialNetwork {
  /** @returns where it stands once it has come so many epochs, or has stopped by itself before */
  fit(epochs: number): Promise<TrialFit>;
  save(): Saved;
  load(saved: Saved): void;
  dispose(): void;
}

export interface TrialFit {
  readonly curve: readonly LearningCurvePoint[];
  /** The ranks of the validation items by the best parameters so far, counted from 1. */
  readonly ranks: readonly number[];
}

export interface TrialOptions<Network extends TrialNetwork> {
  search: HyperparameterSearch;
  /** Every hyperparameter as it would be without a search. */
  start: Settings;
  seed: number;
  /** Makes a trial's network. @param onProgress to be told where it stands */
  begin(settings: Settings, onProgress: (progress: TrainingProgress) => void): Network;
  /** Whether the time is over: trials that have not begun are then left out, all but the first. */
  outOfTime(): boolean;
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Told whenever a trial's story goes on. */
  onTrials?: ((trials: readonly TrialRecord[]) => void) | undefined;
  /** Given what saves the search, for as long as it goes on. */
  onSave?: ((save: () => Saved) => void) | undefined;
  /** What such a call gave, to go on from. */
  saved?: Saved | undefined;
}

export interface TrialsOutcome<Network extends TrialNetwork> {
  /** The best trial's, which is the caller's to dispose. */
  network: Network;
  settings: Settings;
  /** Of all, in the order of their numbers. */
  trials: readonly TrialRecord[];
}

/** Searches hyperparameters by early-stopped successive halving over trainings of one network each. */
export async function runTrials<Network extends TrialNetwork>(
  options: TrialOptions<Network>,
): Promise<TrialsOutcome<Network>> {
  const { search, start, seed } = options;
  const settings = drawTrials(search.ranges, start, search.trials, new Random(seed));
  const rungs = planRungs(settings.length);
  const saved = options.saved as SavedTrials | undefined;
  const trials = [...(saved?.trials ?? settings.map((each, index) => newRecord(index + 1, each, search)))];
  const record = (trial: number, change: Partial<TrialRecord>) => {
    trials[trial] = { ...trials[trial]!, ...change };
    options.onTrials?.(trials);
  };
  const networks = new Map<number, Network>();
  /** The objectives of the runs that are done, those before a crash included. */
  const objectives = [...(saved?.objectives ?? [])];
  const replayed = objectives.length;
  let run = -1;
  const networkOf = (trial: number): Network => {
    const begun = networks.get(trial);
    if (begun) return begun;
    const place = { trial: trial + 1, trials: trials.length };
    const network = options.begin(settings[trial]!, (progress) =>
      options.onProgress?.({ ...progress, ...place, fraction: overallFraction(rungs, run, progress) }),
    );
    networks.set(trial, network);
    return network;
  };
  options.onSave?.((): SavedTrials & Saved => ({
    trials,
    objectives: Float64Array.from(objectives),
    networks: Object.fromEntries([...networks].map(([trial, network]) => [trial, network.save()])),
  }));
  try {
    for (const [trial, network] of Object.entries(saved?.networks ?? {})) networkOf(Number(trial)).load(network);
    const best = await successiveHalving(rungs, {
      run: async (trial, epochs) => {
        run++;
        if (run < replayed) return objectives[run]!;
        if (trial > 0 && !networks.has(trial) && options.outOfTime()) {
          objectives.push(Number.NEGATIVE_INFINITY);
          return Number.NEGATIVE_INFINITY;
        }
        record(trial, { status: 'running' });
        const { curve, ranks } = await networkOf(trial).fit(epochs);
        const objective = objectiveOf(search.objective, ranks);
        objectives.push(objective);
        record(trial, { status: 'paused', curve, objective });
        return objective;
      },
      drop: (trial) => {
        if (run < replayed) return;
        record(trial, { status: networks.has(trial) ? 'stopped' : 'skipped' });
        networks.get(trial)?.dispose();
        networks.delete(trial);
      },
    });
    record(best, { status: 'best' });
    const network = networks.get(best)!;
    networks.delete(best);
    return { network, settings: settings[best]!, trials };
  } finally {
    for (const network of networks.values()) network.dispose();
  }
}

/** What a search is saved as. */
interface SavedTrials {
  readonly trials: readonly TrialRecord[];
  readonly objectives: Float64Array;
  /** By trial, of those in the race. */
  readonly networks: Readonly<Record<string, Saved>>;
}

function newRecord(trial: number, settings: Settings, { ranges }: HyperparameterSearch): TrialRecord {
  const tuned = ranges.map(({ name }) => [name, settings[name]!]);
  return { trial, hyperparameters: Object.fromEntries(tuned), status: 'waiting', curve: [] };
}

/**
 * How far the whole search is, 0 to `EPOCHS_SHARE`: the runs before the present one, and its part so far, by the epochs that each
 * takes at most.
 * @param run counted from 0 over all rungs
 */
function overallFraction(
  rungs: readonly Rung[],
  run: number,
  { phase, fraction, epochs: most }: TrainingProgress,
): number {
  if (phase !== 'training') return fraction;
  const ends = rungs.map(({ epochs }) => Math.min(epochs, most));
  const lengths = rungs.flatMap(({ trials }, rung) => {
    const length = ends[rung]! - (ends[rung - 1] ?? 0);
    return Array.from({ length: trials }, () => ({ begin: ends[rung - 1] ?? 0, length }));
  });
  const whole = lengths.reduce((sum, { length }) => sum + length, 0);
  const before = lengths.slice(0, run).reduce((sum, { length }) => sum + length, 0);
  const { begin, length } = lengths[run]!;
  const present = Math.min(length, Math.max(0, (fraction / EPOCHS_SHARE) * most - begin));
  return (EPOCHS_SHARE * (before + present)) / whole;
}
