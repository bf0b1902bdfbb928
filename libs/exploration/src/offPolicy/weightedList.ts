/**
 * A served list as the estimators see it: what each slot earned, and how much more or less probable it was under the
 * policy in question than under the one that filled it. All arrays have an entry for each slot, the top one first.
 */
export interface WeightedList {
  /** Lists of one cluster may depend on each other, for example those of one user. */
  cluster: string;
  /** 1 for a click, 0 for none; any other number where clicks have a value. */
  rewards: readonly number[];
  /** Propensity under the policy in question over the logged one, each given the slots above. */
  ratios: readonly number[];
  /** The same ratio of the probabilities that the slot holds the item, whatever the slots above hold. */
  positionRatios?: readonly number[];
  /** What a model expects of the slot and those below it. */
  expectation?: Expectation;
}

/** A model's word on a list, which the doubly robust estimator corrects. */
export interface Expectation {
  /** Of the item that was shown, in the slot where it was shown. */
  ofShown: readonly number[];
  /** Of the item that the policy in question would show, given the logged slots above: the mean over its choices. */
  ofPolicy: readonly number[];
}
