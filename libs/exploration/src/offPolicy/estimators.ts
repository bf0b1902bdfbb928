import { InvalidInputError } from '@attune/domain';
import { type Uncertainty, type UncertaintySettings, uncertaintyOf } from './uncertainty';
import type { WeightedList } from './weightedList';

/**
 * Which weight a slot's reward gets, by what is assumed of clicks:
 * - `list`: any slot may change the clicks on any other. The weight of the whole list.
 * - `cascade`: slots below do not change the clicks above (reward interaction). The weight of the list down to the slot.
 * - `position`: an item's clicks hang on its slot alone. The weight of the item in the slot.
 */
export type ClickAssumption = 'list' | 'cascade' | 'position';

/** The mean reward of a list that a policy would have earned. */
export interface Estimate extends Uncertainty {
  /** Sum over the slots of a list, mean over lists. */
  value: number;
  /**
   * How many lists of the policy itself would tell as much, (sum w)^2 / sum w^2 (Kish 1965); of the slot where it is
   * smallest.
   */
  effectiveSampleSize: number;
}

/**
 * Inverse propensity scoring: rewards weighted by how much more probable they are under the policy in question (Horvitz and
 * Thompson 1952). Without bias where every choice of that policy had a chance in the log. For lists: `list` is the standard form,
 * `cascade` is RIPS (McInerney et al. 2020, arXiv 2007.12986), `position` is IIPS (Li et al. 2018, arXiv 1804.10488).
 * @throws InvalidInputError without lists, and for `position` where a list lacks its position ratios
 */
export function inversePropensity(
  lists: readonly WeightedList[],
  assumption: ClickAssumption,
  settings?: UncertaintySettings,
): Estimate {
  const slots = slotWeights(lists, assumption);
  const contributions = new Float64Array(lists.length);
  for (const { list, weight, reward } of slots.flat()) contributions[list]! += weight * reward;
  return conclude(lists, contributions, slots, settings);
}

/**
 * The same, with the weights of each slot made to sum to the number of lists (Hajek 1971; Swaminathan and Joachims 2015). A
 * bias that vanishes as lists come in, for a smaller variance, and a value that stays between the smallest and the largest
 * reward. Its standard error is that of the linearised ratio.
 * @throws InvalidInputError as above, and where all weights of a slot are 0
 */
export function selfNormalized(
  lists: readonly WeightedList[],
  assumption: ClickAssumption,
  settings?: UncertaintySettings,
): Estimate {
  const slots = slotWeights(lists, assumption);
  const contributions = new Float64Array(lists.length);
  for (const weighted of slots) {
    let total = 0;
    let earned = 0;
    for (const { weight, reward } of weighted) {
      total += weight;
      earned += weight * reward;
    }
    if (!(total > 0)) throw new InvalidInputError('No list of the log is possible under the policy in question.');
    const mean = earned / total;
    const scale = weighted.length / total;
    for (const { list, weight, reward } of weighted) contributions[list]! += mean + weight * scale * (reward - mean);
  }
  return conclude(lists, contributions, slots, settings);
}

/**
 * The doubly robust estimator: a model's expectation, corrected by the weighted difference between what came and what the model
 * expected (Dudik, Langford and Li 2011, arXiv 1103.4601). For lists it goes down the slots, each with the weight of the list
 * to there (cascade-DR; Kiyohara et al. 2022, arXiv 2202.01562). Without bias like RIPS, whatever the model says; the better the model, the
 * smaller the variance.
 * @throws InvalidInputError without lists, and where a list lacks its expectation
 */
export function doublyRobust(lists: readonly WeightedList[], settings?: UncertaintySettings): Estimate {
  const contributions = new Float64Array(lists.length);
  lists.forEach(({ rewards, ratios, expectation }, index) => {
    if (!expectation)
      throw new InvalidInputError(`List ${index} has no expectation, which doubly robust estimates need.`);
    let weight = 1;
    for (let slot = 0; slot < rewards.length; slot++) {
      contributions[index]! += weight * expectation.ofPolicy[slot]!;
      weight *= ratios[slot]!;
      contributions[index]! += weight * (rewards[slot]! - expectation.ofShown[slot]!);
    }
  });
  return conclude(lists, contributions, slotWeights(lists, 'cascade'), settings);
}

interface WeightedReward {
  /** Index of the list. */
  list: number;
  weight: number;
  reward: number;
}

/** The weighted rewards of each slot; for `list`, of lists as a whole. */
function slotWeights(lists: readonly WeightedList[], assumption: ClickAssumption): WeightedReward[][] {
  const slots: WeightedReward[][] = [];
  const add = (slot: number, weighted: WeightedReward) => {
    slots[slot] ??= [];
    slots[slot].push(weighted);
  };
  lists.forEach(({ rewards, ratios, positionRatios }, list) => {
    if (assumption === 'position') {
      if (!positionRatios) throw new InvalidInputError(`List ${list} has no position ratios, which IIPS needs.`);
      rewards.forEach((reward, slot) => {
        add(slot, { list, weight: positionRatios[slot]!, reward });
      });
      return;
    }
    let weight = 1;
    let earned = 0;
    rewards.forEach((reward, slot) => {
      weight *= ratios[slot]!;
      earned += reward;
      if (assumption === 'cascade') add(slot, { list, weight, reward });
    });
    if (assumption === 'list') add(0, { list, weight, reward: earned });
  });
  return slots;
}

function conclude(
  lists: readonly WeightedList[],
  contributions: Float64Array,
  slots: readonly (readonly WeightedReward[])[],
  settings?: UncertaintySettings,
): Estimate {
  const uncertainty = uncertaintyOf(
    contributions,
    lists.map(({ cluster }) => cluster),
    settings,
  );
  const value = contributions.reduce((sum, contribution) => sum + contribution, 0) / lists.length;
  return { value, ...uncertainty, effectiveSampleSize: Math.min(...slots.map(kishSize), lists.length) };
}

function kishSize(weighted: readonly WeightedReward[]): number {
  let sum = 0;
  let squares = 0;
  for (const { weight } of weighted) {
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? sum ** 2 / squares : 0;
}
