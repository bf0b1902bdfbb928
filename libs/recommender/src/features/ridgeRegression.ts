import type { FeatureMatrix } from './featureMatrix';
import { multiplyRows, multiplyTransposed } from './sparseProduct';

const MOST_ITERATIONS = 50;

/** A linear model of several targets at once. */
export interface LinearModel {
  /** [targets] of a row without features */
  readonly base: Float32Array;
  /** [features, targets] what each adds */
  readonly features: Float32Array;
}

/**
 * Ridge regression of rows' targets on their features, by conjugate gradients (Hestenes and Stiefel, 1952), for all
 * targets side by side.
 * @param rows of the matrix
 * @param weights [rows] how much each counts, 0 to 1
 * @param targets [rows, size]
 * @param ridge how strongly what a feature adds is drawn to 0: as if it had so many more rows with an average target
 */
export function ridgeRegression(
  matrix: FeatureMatrix,
  rows: Int32Array,
  weights: Float32Array,
  targets: Float32Array,
  size: number,
  ridge: number,
): LinearModel {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const base = new Float32Array(size);
  targets.forEach((target, i) => {
    base[i % size]! += (weights[Math.floor(i / size)]! * target) / total;
  });
  const weighted = (values: Float32Array) => values.map((value, i) => weights[Math.floor(i / size)]! * value);
  const transposed = (values: Float32Array) => multiplyTransposed(matrix, rows, weighted(values), size);
  const residual = transposed(targets.map((target, i) => target - base[i % size]!));
  const features = new Float32Array(residual.length);
  const direction = residual.slice();
  let lengths = dots(residual, residual, size);
  const enough = lengths.map((length) => 1e-8 * length);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    if (lengths.every((length, k) => length <= enough[k]!)) break;
    const product = transposed(multiplyRows(matrix, rows, direction, size));
    for (let i = 0; i < product.length; i++) product[i]! += ridge * direction[i]!;
    const curvatures = dots(direction, product, size);
    const steps = lengths.map((length, k) => (curvatures[k]! > 0 ? length / curvatures[k]! : 0));
    for (let i = 0; i < features.length; i++) {
      features[i]! += steps[i % size]! * direction[i]!;
      residual[i]! -= steps[i % size]! * product[i]!;
    }
    const next = dots(residual, residual, size);
    for (let i = 0; i < direction.length; i++) {
      const length = lengths[i % size]!;
      direction[i] = residual[i]! + (length > 0 ? next[i % size]! / length : 0) * direction[i]!;
    }
    lengths = next;
  }
  return { base, features };
}

/** The products of the columns of two matrices: [size]. */
function dots(a: Float32Array, b: Float32Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  for (let i = 0; i < a.length; i++) sums[i % size]! += a[i]! * b[i]!;
  return sums;
}
