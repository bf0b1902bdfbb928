import type { FeatureMatrix } from './featureMatrix';

/**
 * Rows of a feature matrix times a table of the features' vectors.
 * @param rows which ones, in the order of the result; -1 gives a row of zeros. Absent: all
 * @param table [features, size]
 * @returns [rows, size]
 */
export function multiplyRows(
  { offsets, features, values }: FeatureMatrix,
  rows: Int32Array | undefined,
  table: Float32Array,
  size: number,
): Float32Array {
  const count = rows?.length ?? offsets.length - 1;
  const out = new Float32Array(count * size);
  for (let index = 0; index < count; index++) {
    const row = rows ? rows[index]! : index;
    if (row < 0) continue;
    const to = index * size;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      const value = values[i]!;
      const from = features[i]! * size;
      for (let k = 0; k < size; k++) out[to + k]! += value * table[from + k]!;
    }
  }
  return out;
}

/**
 * The way back: the gradient by the table, of the gradient by the rows.
 * @param byRows [rows, size]
 * @returns [features, size]
 */
export function multiplyTransposed(
  { width, offsets, features, values }: FeatureMatrix,
  rows: Int32Array | undefined,
  byRows: Float32Array,
  size: number,
): Float32Array {
  const count = rows?.length ?? offsets.length - 1;
  const out = new Float32Array(width * size);
  for (let index = 0; index < count; index++) {
    const row = rows ? rows[index]! : index;
    if (row < 0) continue;
    const from = index * size;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      const value = values[i]!;
      const to = features[i]! * size;
      for (let k = 0; k < size; k++) out[to + k]! += value * byRows[from + k]!;
    }
  }
  return out;
}
