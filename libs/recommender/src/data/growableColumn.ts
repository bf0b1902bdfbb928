type NumberArray = Int32Array | Float64Array | Float32Array | Uint16Array;

/** A typed array that doubles when it is full: 4 to 8 bytes per value, where an array of objects takes ten times that. */
export class GrowableColumn<Column extends NumberArray> {
  #values: Column;
  #length = 0;

  constructor(private readonly type: new (length: number) => Column) {
    this.#values = new type(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.type(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The values so far: a view, valid until the next `push`. */
  view(): Column {
    return this.#values.subarray(0, this.#length) as Column;
  }
}
