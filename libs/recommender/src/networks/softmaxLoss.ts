import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './tensorflow';

/** A weighted cross-entropy and its gradients. */
export interface SoftmaxLoss {
  /** Sum of weight times negative log-likelihood, in nats. */
  readonly loss: number;
  /** By `outputs`: [positions, width] */
  readonly outputs: Tensor2D;
  /** By `table`: [items, width] */
  readonly table: Tensor2D;
}

/**
 * The largest block of probabilities held at once, in numbers: 16 MB. Beyond 32 MB the C allocator maps fresh pages for
 * every tensor, which nearly doubled the CPU time: 148 ms instead of 79 for 2,048 positions of 9,724 items.
 */
const LARGEST_BLOCK = 4_000_000;

/** How many positions are dealt with at once. @param items that each has a probability for */
export const largestBlock = (items: number): number => Math.max(1, Math.floor(LARGEST_BLOCK / items));

/**
 * Cross-entropy of softmax(outputs table^T) over the whole catalogue. No array of positions by items is kept but the
 * probabilities of one block: the 1 that the true item takes off the gradient goes straight into the small results.
 * @param outputs [positions, width]
 * @param table [items, width]
 * @param targets [positions] item index
 * @param weights [positions]
 */
export function softmaxLoss(
  tensorflow: TensorFlow,
  outputs: Tensor2D,
  table: Tensor2D,
  targets: Int32Array,
  weights: Float32Array,
): SoftmaxLoss {
  const { tf } = tensorflow;
  const [positions, width] = outputs.shape;
  const items = table.shape[0];
  const rows = largestBlock(items);
  let loss = 0;
  const outputGradients: Tensor2D[] = [];
  let tableGradient: Tensor2D | undefined;
  for (let start = 0; start < positions; start += rows) {
    const end = Math.min(positions, start + rows);
    const [byOutputs, byTable] = tf.tidy(() => {
      const block = tf.slice(outputs, [start, 0], [end - start, width]);
      const weightColumn = tf.tensor2d(weights.subarray(start, end), [end - start, 1]);
      const target = tf.tensor1d(targets.subarray(start, end), 'int32');
      const probabilities = tf.softmax(tf.matMul(block, table, false, true) as Tensor2D);
      loss += negativeLogLikelihood(
        tensorflow,
        probabilities,
        targets.subarray(start, end),
        weights.subarray(start, end),
      );
      const weighted = tf.mul(block, weightColumn);
      const towardsTargets = tf.unsortedSegmentSum(weighted, target as Tensor1D, items);
      const expected = tf.matMul(probabilities, table);
      const gradient = tf.sub(tf.matMul(probabilities, weighted, true, false), towardsTargets) as Tensor2D;
      return [
        tf.mul(tf.sub(expected, tf.gather(table, target)), weightColumn) as Tensor2D,
        tableGradient ? (tf.add(tableGradient, gradient) as Tensor2D) : gradient,
      ] as const;
    });
    outputGradients.push(byOutputs);
    tableGradient?.dispose();
    tableGradient = byTable;
  }
  return { loss, outputs: tf.concat(outputGradients, 0), table: tableGradient! };
}

function negativeLogLikelihood(
  { tf }: TensorFlow,
  probabilities: Tensor2D,
  targets: Int32Array,
  weights: Float32Array,
): number {
  const places = Int32Array.from({ length: 2 * targets.length }, (_, i) =>
    i % 2 === 0 ? i / 2 : targets[(i - 1) / 2]!,
  );
  const likelihoods = tf.gatherND(probabilities, tf.tensor2d(places, [targets.length, 2], 'int32')).dataSync();
  let loss = 0;
  for (let i = 0; i < targets.length; i++) loss -= weights[i]! * Math.log(Math.max(likelihoods[i]!, SMALLEST_NORMAL));
  return loss;
}

/** The smallest 32-bit number of full precision: what a likelihood too small to write down is taken for. */
const SMALLEST_NORMAL = 2 ** -126;
