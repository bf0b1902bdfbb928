import type { NetworkExpectation } from './itemScoring';
import type { Scorer } from './scorer';
import type { History } from './sequences';
import { lagShares } from './transitions';

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
  /** What the network says of the item whatever the events were, and what is left between a gradient and the whole. */
  readonly rest: number;
}

export interface EventContribution {
  /** Through the network: gradient times input. */
  readonly network: number;
  /** Through the transition memory: whoever touched the event's item touched this one soon after. */
  readonly memory: number;
  /** The memory's probability that the item comes after the event's; 0 for events that it does not look back to. */
  readonly followed: number;
}

/**
 * Says which events of a history carried an item's score. With the score `s = (1 - a) p + a m` of network and memory, the
 * network's part of the logarithm changes by `(1 - a) p / s` for each nat of `log p`. The gradient of
 * `log p = logit - log(sum of all exp(logit))` by the network's output is the item's vector minus the one that the network
 * expects. It is taken back to the input of every event and multiplied with that input (Shrikumar et al., "Not Just a
 * Black Box", 2016). The memory is a sum, of which each event has its part.
 * @param history at least one event, at most the latest `maxHistory`
 */
export function explainScore(
  scorer: Scorer,
  history: History,
  item: number,
  { output, vector: expected, bias: expectedBias, logNormaliser }: NetworkExpectation,
): ScoreExplanation {
  const { weights, transitions, popularity } = scorer.model;
  const a = scorer.mixingWeight;
  const [logit] = scorer.logitsOf(output, [item]) as unknown as [number];
  const network = (1 - a) * Math.exp(logit - logNormaliser);

  const { offsets, columns, values } = transitions.followers;
  const { items } = history;
  const followed = new Float64Array(items.length);
  const memory = new Float64Array(items.length);
  let rest = a;
  lagShares(items.length).forEach((share, lag) => {
    const place = items.length - 1 - lag;
    for (let i = offsets[items[place]!]!; i < offsets[items[place]! + 1]!; i++) {
      rest -= a * share * values[i]!;
      if (columns[i] !== item) continue;
      followed[place] = values[i]!;
      memory[place] = a * share * values[i]!;
    }
  });
  const popular = rest * popularity[item]!;
  const score = network + memory.reduce((sum, part) => sum + part, popular);

  const direction = expected.map((value, i) => weights.itemVectors[item * expected.length + i]! - value);
  const { inputs, gradients } = scorer.inputGradients(history, direction);
  const events = inputs.map((input, place) => ({
    network: (network / score) * dot(input, gradients[place]!),
    memory: memory[place]! / score,
    followed: followed[place]!,
  }));
  const ofEvents = events.reduce((sum, event) => sum + event.network, 0);
  return {
    score,
    events,
    popularity: (network / score) * (weights.itemBias[item]! - expectedBias) + popular / score,
    rest: (network / score) * dot(output, direction) - ofEvents,
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
