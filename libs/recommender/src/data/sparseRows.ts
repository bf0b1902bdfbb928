/** A sparse matrix by rows (CSR): row `r` has `values[i]` in column `columns[i]` for `offsets[r] <= i < offsets[r + 1]`. */
export interface SparseRows {
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [entries] falling by value within a row, so that the heaviest come first */
  readonly columns: Int32Array;
  /** [entries] */
  readonly values: Float32Array;
}
