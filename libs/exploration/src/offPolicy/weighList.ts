import type { ItemId, Slate } from '@attune/domain';
import type { ClickModel } from './clickModel';
import { type FillRule, loggedRule, SlotWalk, type TargetPolicy, targetRule } from './fillRule';
import { slotMarginals } from './slotMarginals';
import type { WeightedList } from './weightedList';

/** A list of the log with the clicks on it. */
export interface LoggedList {
  slate: Slate;
  /** Items of the list, and maybe others. */
  clicked: readonly ItemId[];
}

export interface WeighedList extends WeightedList {
  /** The probability that the policy in question would leave what the log could show, somewhere down the list. */
  lost: number;
}

/** Lists of one user may depend on each other; one for nobody stands for itself. */
export function clusterOf({ userId, recommendationId }: Slate): string {
  return userId ?? recommendationId;
}

/** By slot: 1 where its item was clicked, else 0. */
export function rewardsOf({ slate, clicked }: LoggedList): number[] {
  const items = new Set(clicked);
  return slate.slots.map(({ itemId }) => (items.has(itemId) ? 1 : 0));
}

/** The probability that each slot of a list holds its item, by the policy that filled it: the same for all questions. */
export function loggedMarginals(slate: Slate): number[] {
  return marginalsBy(loggedRule(slate), slate);
}

/**
 * Weighs a list of the log by a policy in question. The logged propensities are taken as they were logged.
 * @param model not fitted to this list
 * @param marginals what `loggedMarginals` gives
 * @throws InvalidInputError where the policy's cut-off is above the list's
 */
export function weighList(
  list: LoggedList,
  target: TargetPolicy,
  model: ClickModel,
  marginals: readonly number[] = loggedMarginals(list.slate),
): WeighedList {
  const { slate } = list;
  const [logged, asked] = [loggedRule(slate), targetRule(slate, target)];
  const askedMarginals = marginalsBy(asked, slate);
  return {
    cluster: clusterOf(slate),
    rewards: rewardsOf(list),
    positionRatios: askedMarginals.map((marginal, slot) => marginal / marginals[slot]!),
    ...walkDown(slate, logged, asked, model),
  };
}

function marginalsBy(rule: FillRule, { slots, recommendationId }: Slate): number[] {
  return slotMarginals(
    rule,
    slots.map(({ itemId }) => itemId),
    recommendationId,
  );
}

function walkDown(
  { slots }: Slate,
  logged: FillRule,
  asked: FillRule,
  model: ClickModel,
): Pick<WeighedList, 'ratios' | 'expectation' | 'lost'> {
  const [loggedWalk, askedWalk] = [new SlotWalk(logged), new SlotWalk(asked)];
  const ratios: number[] = [];
  const [ofShown, ofPolicy]: [number[], number[]] = [[], []];
  let reached = 1;
  let lost = 0;
  slots.forEach(({ itemId, propensity }, slot) => {
    let rate = 0;
    let mass = 0;
    for (const [item, probability] of askedWalk.choices()) {
      mass += probability;
      rate += probability * model.rate(item);
      if (loggedWalk.probability(item) === 0) lost += reached * probability;
    }
    const below = model.below(slot, slots.length);
    const factor = model.factor(slot);
    ofShown.push(factor * model.rate(itemId) + below);
    ofPolicy.push(factor * rate + mass * below);
    const ratio = askedWalk.probability(itemId) / propensity;
    ratios.push(ratio);
    reached *= ratio;
    loggedWalk.take(itemId);
    askedWalk.take(itemId);
  });
  return { ratios, expectation: { ofShown, ofPolicy }, lost };
}
