import { countingOffsets } from './dataset';

/** A sparse matrix by rows (CSR): row `r` has `values[i]` in column `columns[i]` for `offsets[r] <= i < offsets[r + 1]`. */
export interface SparseRows {
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [entries] falling by value within a row, so that the heaviest come first */
  readonly columns: Int32Array;
  /** [entries] */
  readonly values: Float32Array;
}

/** Entries to be summed into a matrix; `rows`, `columns` and `values` are of one length. */
export interface SparseEntries {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/**
 * Sums entries of the same place.
 * @param size rows and columns of the square matrix
 */
export function sumEntries(entries: SparseEntries, size: number): SparseRows {
  const starts = countingOffsets(entries.rows, size);
  const next = starts.slice();
  const order = new Int32Array(entries.rows.length);
  for (let i = 0; i < order.length; i++) order[next[entries.rows[i]!]!++] = i;

  const offsets = new Int32Array(size + 1);
  const columns = new Int32Array(entries.rows.length);
  const values = new Float32Array(entries.rows.length);
  const sums = new Float64Array(size);
  const touched: number[] = [];
  let end = 0;
  for (let row = 0; row < size; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const column = entries.columns[order[i]!]!;
      if (sums[column] === 0) touched.push(column);
      sums[column]! += entries.values[order[i]!]!;
    }
    touched.sort((a, b) => sums[b]! - sums[a]! || a - b);
    for (const column of touched) {
      columns[end] = column;
      values[end++] = sums[column]!;
    }
    for (const column of touched) sums[column] = 0;
    touched.length = 0;
    offsets[row + 1] = end;
  }
  return { offsets, columns: columns.slice(0, end), values: values.slice(0, end) };
}
