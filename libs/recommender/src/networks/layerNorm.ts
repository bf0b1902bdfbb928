import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './tensorflow';

/** Keeps the root from zero; so small that it changes no vector that has any length. */
export const NORM_EPSILON = 1e-6;

/** A layer norm (Ba et al., 2016) of each row, and its way back. */
export interface LayerNorm {
  /** [rows, width] */
  readonly output: Tensor2D;
  /** @param byOutput gradient of the loss: [rows, width] */
  backward(byOutput: Tensor2D): { input: Tensor2D; scale: Tensor1D; shift: Tensor1D };
}

/**
 * scale * (x - mean) / sqrt(variance + 1e-6) + shift of each row.
 * @param input [rows, width]
 * @param scale [width]
 * @param shift [width]
 */
export function layerNorm({ tf }: TensorFlow, input: Tensor2D, scale: Tensor1D, shift: Tensor1D): LayerNorm {
  const centred = tf.sub(input, tf.mean(input, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), NORM_EPSILON));
  const normal = tf.mul(centred, inverse) as Tensor2D;
  return {
    output: tf.add(tf.mul(normal, scale), shift),
    backward: (byOutput) => {
      const byNormal = tf.mul(byOutput, scale);
      const along = tf.mean(tf.mul(byNormal, normal), 1, true);
      const turned = tf.sub(tf.sub(byNormal, tf.mean(byNormal, 1, true)), tf.mul(normal, along));
      return {
        input: tf.mul(turned, inverse),
        scale: tf.sum(tf.mul(byOutput, normal), 0),
        shift: tf.sum(byOutput, 0),
      };
    },
  };
}
