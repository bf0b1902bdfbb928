import type { MetadataRow } from '../data/metadataValues';
import type { History } from '../data/sequences';
import type { Asker, ColumnParts } from '../features/servedFeatures';
import type { NetworkExpectation } from './itemScoring';
import type { Scorer } from './scorer';
import { lagShares } from './transitions';

/** Whose score of what is to be explained. */
export interface ExplainedCase {
  /** At most the latest `maxHistory` events. */
  readonly history: History;
  readonly item: number;
  /** @default nothing is known of who asks */
  readonly asker?: Asker;
  /** By column name. @default nothing is known of the item */
  readonly itemMetadata?: MetadataRow;
}

/**
 * What carried an item's score. All figures are shares of the logarithm of the score, to the first order: 0.7 about doubled
 * the score, -0.7 about halved it, beside the other items.
 */
export interface ScoreExplanation {
  /** The probability that the item comes next. */
  readonly score: number;
  /** One for each event of the history, in its order. */
  readonly events: readonly EventContribution[];
  /** How often anyone touches the item: by the network's bias, and by what the memory leaves to popularity. */
  readonly popularity: number;
  /** Metadata of the user, by column. */
  readonly user: ColumnParts;
  /** The context of the request, by column. */
  readonly context: ColumnParts;
  /** What the network says of the item whatever the rest, and what is left between a gradient and the whole. */
  readonly rest: number;
  /**
   * The network's part seen from the item's side, by column of its metadata: by so much the score would fall without the
   * column. It is no further part: all of the above came together with it.
   */
  readonly itemMetadata: ColumnParts;
}

export interface EventContribution {
  /** Through the network: gradient times input. */
  readonly network: number;
  /** Of that, what came through the event's type, value, time and context, by column; the remainder is its item. */
  readonly features: ColumnParts;
  /** Through the transition memory: whoever touched the event's item touched this one near it. */
  readonly memory: number;
  /** The memory's probability of the item beside the event's; 0 for events that it does not look back to. */
  readonly followed: number;
}

/**
 * Says what carried an item's score. With the score `s = (1 - a) p + a m` of network and memory, the network's part of the
 * logarithm changes by `(1 - a) p / s` for each nat of `log p`. The gradient of `log p = logit - log(sum of all exp(logit))`
 * by the network's output is the item's vector minus the one that the network expects. It is taken back to the input of every
 * event and multiplied with that input (Shrikumar et al., "Not Just a Black Box", 2016). What is known of who asks is a part
 * of the output itself. The memory is a sum, of which each event has its part.
 */
export function explainScore(
  scorer: Scorer,
  { history, item, asker = {}, itemMetadata = {} }: ExplainedCase,
  { output, vector: expected, bias: expectedBias, logNormaliser }: NetworkExpectation,
): ScoreExplanation {
  const { weights, transitions, popularity } = scorer.model;
  const { items } = history;
  // Without a history there is no memory to look into; see `Scorer.memoryShareOf`.
  const a = items.length > 0 ? scorer.mixingWeight : 0;
  const [logit] = scorer.logitsOf(output, [item]) as unknown as [number];
  const probability = Math.exp(logit - logNormaliser);

  const { offsets, columns, values } = transitions.followers;
  const followed = new Float64Array(items.length);
  const memory = new Float64Array(items.length);
  let left = a;
  lagShares(items.length).forEach((share, lag) => {
    const place = items.length - 1 - lag;
    for (let i = offsets[items[place]!]!; i < offsets[items[place]! + 1]!; i++) {
      left -= a * share * values[i]!;
      if (columns[i] !== item) continue;
      followed[place] = values[i]!;
      memory[place] = a * share * values[i]!;
    }
  });
  const popular = left * popularity[item]!;
  const score = (1 - a) * probability + memory.reduce((sum, part) => sum + part, popular);

  const share = ((1 - a) * probability) / score;
  const shared = (parts: ColumnParts, by = share): ColumnParts =>
    Object.fromEntries(Object.entries(parts).map(([column, part]) => [column, by * part]));
  const direction = expected.map((value, i) => weights.itemVectors[item * expected.length + i]! - value);
  const events = scorer.eventParts(history, direction).map(({ whole, features }, place) => ({
    network: share * whole,
    features: shared(features),
    memory: memory[place]! / score,
    followed: followed[place]!,
  }));
  const { user, context } = scorer.askerParts(asker, direction);
  const told = [...Object.values(user), ...Object.values(context)].reduce((sum, part) => sum + share * part, 0);
  const along = output.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  return {
    score,
    events,
    popularity: share * (weights.itemBias[item]! - expectedBias) + popular / score,
    user: shared(user),
    context: shared(context),
    rest: share * along - events.reduce((sum, { network }) => sum + network, told),
    itemMetadata: shared(scorer.itemParts(itemMetadata, output), share * (1 - probability)),
  };
}
