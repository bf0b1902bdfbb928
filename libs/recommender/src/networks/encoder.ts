import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { History, HistoryEvent, Sequences } from '../data/sequences';
import type { Saved } from '../training/checkpoint';
import type { NamedTensors, ParameterSet } from './parameterSet';

/** Events laid out in places for one pass of an encoder, each place one row of its input. */
export interface EventLayout {
  /** [places] what was touched; 0 in idle places */
  readonly inputs: Int32Array;
}

/** A layout to learn from: some places have a next event, which is their target. */
export interface TrainingBatch extends EventLayout {
  /** [places] row of the event in the sequences; -1 in idle places */
  readonly inputRows: Int32Array;
  /** [predictions] places that have a next event, rising */
  readonly places: Int32Array;
  /** [predictions] what was touched next */
  readonly targets: Int32Array;
  /** [predictions] row of that event in the sequences */
  readonly targetRows: Int32Array;
  /** [predictions] */
  readonly weights: Float32Array;
}

/** One pass over a batch, and the way back. */
export interface EncoderPass {
  /** What predicts the next event: [predictions, embedding] */
  readonly outputs: Tensor2D;
  /**
   * @param byOutputs gradient of the loss: [predictions, embedding]
   * @returns the gradients by each place's input, [places, embedding], and by each of the encoder's parameters
   */
  backward(byOutputs: Tensor2D): { inputs: Tensor2D; parameters: Record<string, Tensor> };
  /** Keeps what the next batch goes on from. Called once the batch was learned. */
  carry?(): void;
}

/**
 * A network from the vectors of events to a vector that meets those of the items, while it learns. What all recipes have in
 * common, the item vectors, the loss and the optimiser, is `NetworkTrainer`'s. Tensors are made within its `tidy`.
 */
export interface Encoder<Layout extends EventLayout = EventLayout, Batch extends TrainingBatch = TrainingBatch> {
  readonly parameters: ParameterSet;
  /** The latest events of a history that are read. */
  readonly maxHistory: number;
  /**
   * One epoch of batches.
   * @param eventWeights [events] weight of predicting that event
   */
  batches(sequences: Sequences, eventWeights: Float32Array, random: Random): Generator<Batch>;
  /** The number of batches in an epoch, about. */
  batchCount(sequences: Sequences): number;
  /** @param inputs [places, embedding] */
  forward(inputs: Tensor2D, batch: Batch, random: Random): EncoderPass;
  /** Lays out histories to be read to their end. @param histories none empty */
  layout(histories: readonly History[]): Layout;
  /**
   * What predicts the event after each history, by the averaged parameters, without dropout.
   * @param inputs [places, embedding]
   * @returns [histories, embedding]
   */
  read(inputs: Tensor2D, layout: Layout): Tensor2D;
  /** What `carry` kept, in an encoder that keeps something from batch to batch. */
  saveCarried?(): Saved;
  /** Goes on from what `saveCarried` gave. */
  loadCarried?(saved: Saved): void;
  dispose(): void;
}

/** The same network while it serves, in plain typed arrays. States are never changed, so they may be kept and shared. */
export interface ServingEncoder<State = unknown> {
  /** Bytes that a state holds at most. */
  readonly stateBytes: number;
  /** The state of someone who has not touched anything yet. */
  initialState(): State;
  /**
   * The state after one more event.
   * @param input the event's vector: [embedding]
   */
  advance(state: State, input: Float32Array, event: HistoryEvent): State;
  /**
   * What predicts the next event.
   * @param out [embedding] filled
   */
  output(state: State, out: Float32Array): void;
  /**
   * The gradient of `output . direction` by each event's vector, where output is what predicts the event after the last.
   * @param inputs the vectors of a whole history, oldest first: each [embedding]
   * @param direction [embedding]
   * @returns one for each input: [embedding]
   */
  inputGradients(inputs: readonly Float32Array[], history: History, direction: Float32Array): Float32Array[];
}

/** All parameters of a network. */
export interface NetworkWeights {
  /** [items, embedding] used at both ends of the network (Press and Wolf, 2017) */
  readonly itemVectors: Float32Array;
  /** [items] */
  readonly itemBias: Float32Array;
  readonly encoder: NamedTensors;
  /** The vectors of features, of which `itemVectors` has those of items in it. Absent where the data has no features. */
  readonly features?: NamedTensors;
}

/** The length of an item's vector. */
export const embeddingOf = ({ itemVectors, itemBias }: NetworkWeights): number => itemVectors.length / itemBias.length;
