import type { Saved } from '../training/checkpoint';
import type { AdamSettings } from './adam';

/** Decay of the two moments' averages, as in `AdamParameter`. */
const [FIRST_DECAY, SECOND_DECAY] = [0.9, 0.98];
const EPSILON = 1e-8;

/**
 * Rows of numbers in typed arrays, under an Adam that works on the touched rows alone: a row's moments stand still while it is
 * not touched ("lazy Adam"), and its second moment is one number, the mean over the row. So a step costs what it touches,
 * whatever the size of the table, and a table takes two numbers for each of its own and two for each row. There is no running
 * average of the values: most rows are touched too seldom for one to be of use.
 */
export class LazyAdamRows {
  readonly #values: Float32Array;
  readonly #firstMoments: Float32Array;
  readonly #secondMoments: Float32Array;
  /** How often each row was touched. */
  readonly #steps: Int32Array;

  /** @param values [rows, width], not copied */
  constructor(
    private readonly settings: Pick<AdamSettings, 'learningRate'>,
    values: Float32Array,
    private readonly width: number,
  ) {
    const rows = values.length / width;
    this.#values = values;
    this.#firstMoments = new Float32Array(values.length);
    this.#secondMoments = new Float32Array(rows);
    this.#steps = new Int32Array(rows);
  }

  /** [rows, width], not to be changed. */
  get values(): Float32Array {
    return this.#values;
  }

  /** A copy of some rows: [rows, width]. */
  gather(rows: Int32Array): Float32Array {
    const { width } = this;
    const gathered = new Float32Array(rows.length * width);
    rows.forEach((row, index) => {
      gathered.set(this.#values.subarray(row * width, (row + 1) * width), index * width);
    });
    return gathered;
  }

  /** Moves rows against their gradient. @param rows each once @param gradient [rows, width] */
  step(rows: Int32Array, gradient: Float32Array): void {
    const { width } = this;
    rows.forEach((row, index) => {
      const from = index * width;
      let squares = 0;
      for (let i = 0; i < width; i++) squares += gradient[from + i]! ** 2;
      const second = this.#secondMoments[row]! + (1 - SECOND_DECAY) * (squares / width - this.#secondMoments[row]!);
      this.#secondMoments[row] = second;
      const steps = ++this.#steps[row]!;
      const firstBias = 1 - FIRST_DECAY ** steps;
      const secondBias = 1 - SECOND_DECAY ** steps;
      const stepSize = this.settings.learningRate / firstBias / (Math.sqrt(second / secondBias) + EPSILON);
      for (let i = 0, place = row * width; i < width; i++, place++) {
        const first =
          this.#firstMoments[place]! + (1 - FIRST_DECAY) * (gradient[from + i]! - this.#firstMoments[place]!);
        this.#firstMoments[place] = first;
        this.#values[place]! -= stepSize * first;
      }
    });
  }

  /** Puts the values to these; the moments stay as they are. */
  restore(values: Float32Array): void {
    this.#values.set(values);
  }

  /** All that the next steps depend on. */
  save(): Saved {
    const [values, firstMoments] = [this.#values.slice(), this.#firstMoments.slice()];
    return { values, firstMoments, secondMoments: this.#secondMoments.slice(), steps: this.#steps.slice() };
  }

  /** Goes on from what `save` gave. */
  load(saved: Saved): void {
    this.#values.set(saved.values as Float32Array);
    this.#firstMoments.set(saved.firstMoments as Float32Array);
    this.#secondMoments.set(saved.secondMoments as Float32Array);
    this.#steps.set(saved.steps as Int32Array);
  }
}
