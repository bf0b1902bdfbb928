import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './tensorflow';

/** Multi-head attention over the lanes of a layout, and its way back. */
export interface Attention {
  /** [lanes * length, embedding] */
  readonly output: Tensor2D;
  /** @param byOutput gradient of the loss: [lanes * length, embedding] */
  backward(byOutput: Tensor2D): {
    input: Tensor2D;
    /** [3 * heads, embedding, head] */
    inputWeights: Tensor3D;
    /** [heads, head, embedding] */
    outputWeights: Tensor3D;
    /** [heads * lanes, length, length] */
    bias: Tensor3D;
  };
}

/**
 * Attention (Vaswani et al., 2017) with a bias on its logits. Heads lie on the first axis from the first product on, where taking
 * them apart copies nothing.
 * @param input [lanes * length, embedding]
 * @param inputWeights [3 * heads, embedding, head]: of the queries of all heads, then keys, then values
 * @param outputWeights [heads, head, embedding]
 * @param bias [heads * lanes, length, length], minus a billion where the one must not see the other
 */
export function attend(
  { tf }: TensorFlow,
  input: Tensor2D,
  inputWeights: Tensor3D,
  outputWeights: Tensor3D,
  bias: Tensor3D,
): Attention {
  const [heads, head] = outputWeights.shape;
  const [stacks, length] = bias.shape;
  const [rows] = input.shape;
  const scale = 1 / Math.sqrt(head);
  const projected = tf.matMul(input as Tensor, inputWeights);
  const [query, key, value] = tf.split(projected, 3).map((part) => tf.reshape(part, [stacks, length, head])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const scaled = tf.mul(query, scale);
  const shares = tf.softmax(tf.add(tf.matMul(scaled, key, false, true), bias));
  const seen = tf.reshape(tf.matMul(shares, value), [heads, rows, head]);
  return {
    output: tf.sum(tf.matMul(seen, outputWeights), 0),
    backward: (byOutput) => {
      const bySeen = tf.reshape(tf.matMul(byOutput as Tensor, outputWeights, false, true), [stacks, length, head]);
      const byShares = tf.mul(tf.matMul(bySeen, value, false, true), shares);
      const byLogits = tf.sub(byShares, tf.mul(shares, tf.sum(byShares, 2, true))) as Tensor3D;
      const byQuery = tf.mul(tf.matMul(byLogits, key), scale);
      const byKey = tf.matMul(byLogits, scaled, true, false);
      const byValue = tf.matMul(shares, bySeen, true, false);
      const byProjected = tf.reshape(tf.concat([byQuery, byKey, byValue], 0), [3 * heads, rows, head]);
      return {
        input: tf.sum(tf.matMul(byProjected, inputWeights, false, true), 0),
        inputWeights: tf.matMul(input as Tensor, byProjected, true, false) as Tensor3D,
        outputWeights: tf.matMul(seen, byOutput as Tensor, true, false) as Tensor3D,
        bias: byLogits,
      };
    },
  };
}
