import { type Sequences, sequenceCount } from '../data/sequences';
import { predictionCount } from '../networks/laneBatches';

/** How one network is trained: what the recipe leaves to the data's size. */
export interface TrainingPlan {
  embedding: number;
  /** Histories side by side in a batch. */
  lanes: number;
  /** Share of the item vectors' and of the output's values that are dropped. */
  dropout: number;
  learningRate: number;
  averagingSteps: number;
  mostEpochs: number;
  /** Epochs without a better validation figure after which training stops. */
  patience: number;
  /** The latest events of a history that are read, in training and in serving alike. */
  maxHistory: number;
}

/**
 * For data whose validation figure rises for that long. On ml-latest-small and amazon-toys the transformer is still getting
 * better after 60 epochs (decision 16); most other trainings stop by themselves after 20 to 50.
 */
export const MOST_EPOCHS = 150;

/** The validation figure of fewer users than this moves by some percent from one epoch to the next. */
const FEW_USERS = 5000;

/**
 * The epochs without gain that chance does not use up: on ml-100k, with 943 users, the transformer under one of three seeds had not
 * been better for five epochs at a validation NDCG@10 of .126 after epoch 7, and came to .143 at epoch 23 (decision 16).
 */
export function patienceFor(users: number): number {
  return users < FEW_USERS ? 10 : 5;
}

/** Catalogues of more items than this are learned by a sample of them. */
const MOST_ITEMS_OF_FULL_SOFTMAX = 10_000;

/** In the middle of what is common, from 256 to several thousand; others were not tried. */
const NEGATIVES = 1024;

/** How many negatives a batch draws. Undefined where the softmax goes over the whole catalogue. */
export function negativesFor(itemCount: number): number | undefined {
  return itemCount > MOST_ITEMS_OF_FULL_SOFTMAX ? NEGATIVES : undefined;
}

/** The epochs of an update, by the share of the events that it learns from: few over a little, more where much is new. */
const [EPOCHS_OF_ALL, FEWEST_UPDATE_EPOCHS, MOST_UPDATE_EPOCHS] = [20, 2, 10];

/**
 * A plan for an update, whose network has learned most of it already. Adam's first steps are as long as any, so the whole
 * learning rate would begin by undoing what was learned. docs/decisions/0014 has figures.
 * @param share of the events that the update learns from, 0 to 1
 */
export function updateOf(plan: TrainingPlan, share: number): TrainingPlan {
  const epochs = Math.ceil(EPOCHS_OF_ALL * share);
  return {
    ...plan,
    learningRate: plan.learningRate / 3,
    mostEpochs: Math.min(MOST_UPDATE_EPOCHS, Math.max(FEWEST_UPDATE_EPOCHS, epochs)),
    patience: 2,
  };
}

/** Events that were held out are as good as new data where they add this share of predictions to learn from. */
const SHARE_TO_TRAIN_ANEW = 0.25;

/**
 * How to learn events that were held out while the number of epochs was chosen. Where they are many, training anew for that number
 * of epochs is best: on yoochoose-100k, 39% more, it took NDCG@10 of one more held-out event from .375 to .400, where six passes
 * on from the best epoch came to .389 and one to .377. Where they are few, passes on from the best epoch are enough: as many as
 * bring the updates to what training anew would take, and at least one. Training anew is not begun where time would not suffice for it:
 * half of it is worse than what is there, while passes on may end anywhere.
 * @param from what was learned
 * @param all the same and the events that were held out
 * @param epochsLeft how many epochs of `from` there is time for
 */
export function planMore(
  from: Sequences,
  all: Sequences,
  bestEpoch: number,
  epochsLeft = Number.POSITIVE_INFINITY,
): { anew: boolean; passes: number } {
  const added = predictionCount(all) / predictionCount(from) - 1;
  const anew = added >= SHARE_TO_TRAIN_ANEW && bestEpoch * (1 + added) <= epochsLeft;
  return { anew, passes: anew ? bestEpoch : Math.max(1, Math.round(added * bestEpoch)) };
}

/**
 * The sequences without those that are too short or too long.
 * @param low quantile of the lengths, 0 to 1: shorter sequences are left out
 * @param high quantile of the lengths, 0 to 1: longer sequences are left out
 */
export function withinLengthPercentiles(sequences: Sequences, low: number, high: number): Sequences {
  const { offsets, items, timestamps, rows } = sequences;
  const lengths = Int32Array.from({ length: sequenceCount(sequences) }, (_, s) => offsets[s + 1]! - offsets[s]!);
  const sorted = lengths.slice().sort();
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [shortest, longest] = [quantile(low), quantile(high)];
  const keptOffsets = [0];
  const keptItems = new Int32Array(items.length);
  const keptTimestamps = new Float64Array(items.length);
  const keptRows = new Int32Array(items.length);
  let end = 0;
  lengths.forEach((length, sequence) => {
    if (length < shortest || length > longest) return;
    const [from, to] = [offsets[sequence]!, offsets[sequence + 1]!];
    keptItems.set(items.subarray(from, to), end);
    keptTimestamps.set(timestamps.subarray(from, to), end);
    for (let row = from; row < to; row++) keptRows[end + row - from] = rows ? rows[row]! : row;
    end += length;
    keptOffsets.push(end);
  });
  return {
    offsets: Int32Array.from(keptOffsets),
    items: keptItems.slice(0, end),
    timestamps: keptTimestamps.slice(0, end),
    rows: keptRows.slice(0, end),
  };
}
