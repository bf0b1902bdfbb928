import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { largestBlock, type SoftmaxLoss } from './softmaxLoss';
import type { TensorFlow } from './tensorflow';

/** Some rows of an item table, and which of them take part how. */
export interface SampledRows {
  /** [rows, width], the negatives first */
  readonly table: Tensor2D;
  /** [negatives] what is added to their logits */
  readonly corrections: Float32Array;
  /** [positions] row of the item that came next */
  readonly targets: Int32Array;
  /** [positions] which negative it is; -1 where none */
  readonly targetNegatives: Int32Array;
}

/** Logit of a negative that is the target itself. */
const LEFT_OUT = -1e9;

/**
 * Cross-entropy of a softmax over the target and a sample of all other items. Each sampled one stands for those like it, by the
 * logarithm of how often it was drawn over how often it was to be expected (Bengio and Senecal, 2008; "logQ"), and the
 * target counts as itself alone. So the sum of the exponentials is on average that over the whole catalogue, and the loss and its
 * gradients come to `softmaxLoss`'s as the sample grows.
 * @param outputs [positions, width]
 * @param weights [positions]
 */
export function sampledSoftmaxLoss(
  tensorflow: TensorFlow,
  outputs: Tensor2D,
  { table, corrections, targets, targetNegatives }: SampledRows,
  weights: Float32Array,
): SoftmaxLoss {
  const { tf } = tensorflow;
  const [positions, width] = outputs.shape;
  const [rows] = table.shape;
  const negatives = corrections.length;
  const negativeTable = tf.slice(table, [0, 0], [negatives, width]);
  const correction = tf.tensor1d(corrections);
  const numbers = tf.range(0, negatives, 1, 'int32');
  const size = largestBlock(negatives + 1);
  let loss = 0;
  const outputGradients: Tensor2D[] = [];
  let tableGradient = tf.zeros([rows, width]) as Tensor2D;
  for (let start = 0; start < positions; start += size) {
    const end = Math.min(positions, start + size);
    const [byOutputs, byTable, likelihood] = tf.tidy(() => {
      const block = tf.slice(outputs, [start, 0], [end - start, width]);
      const target = tf.tensor1d(targets.subarray(start, end), 'int32') as Tensor1D;
      const same = tf.tensor2d(targetNegatives.subarray(start, end), [end - start, 1], 'int32');
      const weight = tf.tensor2d(weights.subarray(start, end), [end - start, 1]);
      const targetRows = tf.gather(table, target);
      const ofTarget = tf.sum(tf.mul(block, targetRows), 1, true);
      const leftOut = tf.mul(tf.cast(tf.equal(same, tf.expandDims(numbers, 0)), 'float32'), LEFT_OUT);
      const ofNegatives = tf.add(tf.add(tf.matMul(block, negativeTable, false, true), correction), leftOut);
      const probabilities = tf.softmax(tf.concat([ofTarget, ofNegatives as Tensor2D], 1));
      const first = tf.slice(probabilities, [0, 0], [end - start, 1]);
      const byTarget = tf.mul(tf.sub(first, 1), weight);
      const byNegatives = tf.mul(tf.slice(probabilities, [0, 1], [end - start, negatives]), weight) as Tensor2D;
      const toTargets = tf.unsortedSegmentSum(tf.mul(byTarget, block), target, rows);
      const toNegatives = tf.pad(tf.matMul(byNegatives, block, true, false), [
        [0, rows - negatives],
        [0, 0],
      ]);
      return [
        tf.add(tf.mul(byTarget, targetRows), tf.matMul(byNegatives, negativeTable)) as Tensor2D,
        tf.add(tf.add(tableGradient, toTargets), toNegatives) as Tensor2D,
        first,
      ] as const;
    });
    likelihood.dataSync().forEach((value, i) => {
      loss -= weights[start + i]! * Math.log(Math.max(value, Number.MIN_VALUE));
    });
    likelihood.dispose();
    tableGradient.dispose();
    tableGradient = byTable;
    outputGradients.push(byOutputs);
  }
  return { loss, outputs: tf.concat(outputGradients, 0), table: tableGradient };
}
