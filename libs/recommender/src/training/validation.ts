import { latestOf } from '../data/sequences';
import type { EvaluationCase } from '../data/splits';
import { hideSeen, rankOf } from '../evaluation/evaluation';
import { nextItemMetrics } from '../evaluation/metrics';
import type { NetworkTrainer } from '../networks/networkTrainer';
import { softmaxInPlace } from '../serving/scorer';
import { addTransitionProbabilities, LAG_WEIGHTS, type TransitionMemory } from '../serving/transitions';

export interface ValidationSettings {
  itemCount: number;
  excludeSeen: boolean;
}

/** Logits that are made at once: 16 MB, or 256 MB where a large catalogue's table would have to be read for every few cases. */
const [MOST_LOGITS, MOST_LOGITS_OF_LARGE] = [4_000_000, 64_000_000];
const LARGE_CATALOGUE = 60_000;

/** Scores in all that one look at the validation may take: 50 cases of 10 million items, all cases of up to 250,000. */
const MOST_SCORES = 500_000_000;

/** Events that are read at once: at most 15 MB of gate inputs at the default size, for the reason that `softmaxLoss` gives. */
const MOST_EVENTS = 8192;

/** The shares of the transition memory that are tried: 0, .1, .. .9. */
const MIXING_WEIGHTS = Array.from({ length: 10 }, (_, tenths) => tenths / 10);

/** The validation cases of a split, as questions to a network that is still in training. */
export class Validation {
  /** Longest history first: cases of like length together, so that little of a block is padding. */
  readonly #cases: readonly EvaluationCase[];

  constructor(
    cases: readonly EvaluationCase[],
    private readonly settings: ValidationSettings,
  ) {
    this.#cases = affordable(cases, settings.itemCount).sort((a, b) => b.history.items.length - a.history.items.length);
  }

  /** The ranks of the validation items by the network alone, full ranking, counted from 1. */
  networkRanks(trainer: NetworkTrainer): number[] {
    const ranks: number[] = [];
    this.#forEachCase(trainer, (question, logits) => ranks.push(this.#rank(question, logits)));
    return ranks;
  }

  /** The share of the transition memory that gives the best NDCG@10; the smaller of two equal ones. */
  bestMixingWeight(trainer: NetworkTrainer, memory: TransitionMemory, popularity: Float32Array): number {
    const ranks: number[][] = MIXING_WEIGHTS.map(() => []);
    const remembered = new Float32Array(this.settings.itemCount);
    const mixed = new Float32Array(this.settings.itemCount);
    this.#forEachCase(trainer, (question, probabilities) => {
      softmaxInPlace(probabilities);
      remembered.fill(0);
      const recent = question.history.items.slice(-LAG_WEIGHTS.length).reverse();
      addTransitionProbabilities(memory, popularity, recent, 1, remembered);
      MIXING_WEIGHTS.forEach((weight, choice) => {
        for (let item = 0; item < mixed.length; item++) {
          mixed[item] = (1 - weight) * probabilities[item]! + weight * remembered[item]!;
        }
        ranks[choice]!.push(this.#rank(question, mixed));
      });
    });
    const qualities = ranks.map((of) => nextItemMetrics(of).normalized_discounted_cumulative_gain_at_10);
    return MIXING_WEIGHTS[qualities.indexOf(Math.max(...qualities))]!;
  }

  #rank({ history, truth }: EvaluationCase, scores: Float32Array): number {
    if (this.settings.excludeSeen) hideSeen(scores, history.items, truth.subarray(0, 1));
    return rankOf(truth[0]!, scores);
  }

  #forEachCase(trainer: NetworkTrainer, visit: (question: EvaluationCase, logits: Float32Array) => void): void {
    const { itemCount } = this.settings;
    const { maxHistory } = trainer;
    const most = itemCount > LARGE_CATALOGUE ? MOST_LOGITS_OF_LARGE : MOST_LOGITS;
    for (let start = 0; start < this.#cases.length; ) {
      const steps = Math.min(maxHistory, this.#cases[start]!.history.items.length);
      const size = Math.max(1, Math.floor(Math.min(most / itemCount, MOST_EVENTS / steps)));
      const block = this.#cases.slice(start, start + size);
      start += size;
      const histories = block.map(({ history }) => latestOf(history, maxHistory));
      const logits = trainer.logits(
        histories,
        Int32Array.from(block, ({ truthRows }) => truthRows?.[0] ?? -1),
      );
      for (const [row, question] of block.entries()) {
        visit(question, logits.subarray(row * itemCount, (row + 1) * itemCount));
      }
    }
  }
}

/** As many of the cases, evenly spread, as there is work for that can be afforded. */
export function affordable(cases: readonly EvaluationCase[], itemCount: number): EvaluationCase[] {
  const most = Math.max(1, Math.floor(MOST_SCORES / itemCount));
  if (cases.length <= most) return [...cases];
  return Array.from({ length: most }, (_, index) => cases[Math.floor((index * cases.length) / most)]!);
}
