import { InvalidInputError, type ItemId, type PoolItem, type RelevantItem, type Slate } from '@attune/domain';
import { MOST_CLICK_RATES, TEMPERATURE, weighPool } from '../poolWeights';

/** All that decides by which chances a list is filled. */
export interface FillRule {
  /** Most relevant first. */
  relevant: readonly RelevantItem[];
  pool: readonly PoolItem[];
  explorationWeight: number;
}

/** A policy that a log is asked about. What is absent is as each list was served. */
export interface TargetPolicy {
  explorationWeight?: number;
  /** In days. Not above that of the log, whose pools lack what is older. */
  explorationItemAgeCutOff?: number;
  /** What another model says for the list's request. */
  model?: ModelScores;
}

/** A model's word on the request of a list. */
export interface ModelScores {
  /** Most relevant first, as many items as the list has slots. */
  relevant: readonly RelevantItem[];
  /** Of the pool's items, in their order: 0 where the model does not know an item. */
  ofPool: readonly number[];
}

/** The rule that filled a list. */
export function loggedRule({ relevant, pool, policy }: Slate): FillRule {
  return { relevant, pool, explorationWeight: policy.explorationWeight };
}

/**
 * The rule by which a policy would have filled a list, with the pool as it was logged: the item statistics stay those that the
 * logged policy made.
 * @throws InvalidInputError where the policy's cut-off is above the list's
 */
export function targetRule(slate: Slate, target: TargetPolicy): FillRule {
  const logged = slate.policy.explorationItemAgeCutOff;
  const cutOff = target.explorationItemAgeCutOff ?? logged;
  if (cutOff > logged) {
    throw new InvalidInputError(
      `A cut-off of ${cutOff} days is above the log's, ${logged}: items that old are in none of its pools.`,
    );
  }
  return {
    relevant: target.model?.relevant ?? slate.relevant,
    // What is older than the log's own cut-off is there for another reason than its age, and stays.
    pool: (target.model ? weighAnew(slate, target.model.ofPool) : slate.pool).filter(
      ({ ageDays = 0 }) => ageDays <= cutOff || ageDays > logged,
    ),
    explorationWeight: target.explorationWeight ?? slate.policy.explorationWeight,
  };
}

/**
 * The pool's weights with another model's scores. An item that was behind its promised impressions weighs more than any other can, whatever its
 * score, and keeps its weight.
 */
function weighAnew({ pool, clickRate }: Slate, scores: readonly number[]): readonly PoolItem[] {
  const entries = pool.map((item) => ({ ...item, urgency: 0 }));
  const most = Math.exp(MOST_CLICK_RATES / TEMPERATURE);
  return weighPool(entries, scores, clickRate).map((item, at) => (pool[at]!.weight > most ? pool[at]! : item));
}

/** Goes down a list, and tells of each slot how probable each item is there, given those above. */
export class SlotWalk {
  private readonly weights: Map<ItemId, number>;
  private readonly taken = new Set<ItemId>();
  private next = 0;
  private chances: Chances;

  constructor(private readonly rule: FillRule) {
    this.weights = new Map(rule.pool.map(({ itemId, weight }) => [itemId, weight]));
    this.chances = this.chancesLeft();
  }

  /** The items that may come in this slot, each with its probability; they sum to 1 unless no item is left. */
  *choices(): Generator<readonly [ItemId, number]> {
    const { relevant, share, total } = this.chances;
    if (relevant !== undefined) {
      const weight = this.weights.get(relevant) ?? 0;
      const probability = 1 - share + (share > 0 ? (share * weight) / total : 0);
      if (probability > 0) yield [relevant, probability];
    }
    if (share === 0) return;
    for (const [item, weight] of this.weights) if (item !== relevant) yield [item, (share * weight) / total];
  }

  /** The probability that this slot holds the item. */
  probability(item: ItemId): number {
    const { relevant, share, total } = this.chances;
    const weight = this.weights.get(item) ?? 0;
    return (item === relevant ? 1 - share : 0) + (share > 0 ? (share * weight) / total : 0);
  }

  /** Puts an item into the slot, and goes to the one below. */
  take(item: ItemId): void {
    this.taken.add(item);
    this.weights.delete(item);
    while (this.next < this.rule.relevant.length && this.taken.has(this.rule.relevant[this.next]!.itemId)) this.next++;
    this.chances = this.chancesLeft();
  }

  private chancesLeft(): Chances {
    let total = 0;
    for (const weight of this.weights.values()) total += weight;
    const relevant = this.rule.relevant[this.next]?.itemId;
    return {
      relevant,
      share: this.weights.size === 0 ? 0 : relevant === undefined ? 1 : this.rule.explorationWeight,
      total,
    };
  }
}

interface Chances {
  /** The most relevant item left. */
  relevant: ItemId | undefined;
  /** The pool's share of the choice. */
  share: number;
  /** Sum of the weights left. */
  total: number;
}
