import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import { AdamParameter, type AdamSettings } from '../networks/adam';
import type { FloatTensor, NamedTensors } from '../networks/parameterSet';
import type { TensorFlow } from '../networks/tensorflow';
import type { Saved } from '../training/checkpoint';
import type { FeatureMatrix } from './featureMatrix';
import { FEATURE_TABLES, START } from './featureNames';
import { FeatureTable } from './featureTable';
import type { DatasetFeatures } from './modelFeatures';

type Rows = keyof typeof FEATURE_TABLES;

/**
 * Share of the predictions that are made once more without the history, from the user's metadata and the context alone, so
 * that someone without a history can be answered.
 */
const WITHOUT_HISTORY = 1 / 8;

/** Share of the predictions that are made without the context, so that requests without one are answered, too. */
const WITHOUT_CONTEXT = 1 / 2;

/** What is added to the outputs of one batch: rows of the dataset, for users and context; -1 for nothing. */
interface Queries {
  users: Int32Array;
  context: Int32Array;
  /** How many of the rows have no history: the last ones. */
  cold: number;
}

/** Predictions of a batch, those without history behind those with. */
export interface Asked {
  /** Which prediction of the batch each is. */
  readonly predictions: Int32Array;
  readonly cold: number;
  /** What is added to the output: [predictions, embedding] */
  readonly vectors: Tensor2D;
  /** @param byOutputs [predictions, embedding] */
  learn(byOutputs: Tensor2D): void;
}

/** The features of a dataset in training: what they add to the network's inputs, outputs and item vectors. */
export class NetworkFeatures {
  readonly #tables: Partial<Record<Rows, FeatureTable>> = {};
  readonly #start: AdamParameter | undefined;

  /**
   * @param data what there is to learn from
   * @param initial vectors to go on with. Absent: zeros, so that training begins as it would without features
   */
  constructor(
    private readonly tensorflow: TensorFlow,
    settings: AdamSettings,
    private readonly data: DatasetFeatures,
    private readonly embedding: number,
    initial: NamedTensors = {},
  ) {
    for (const [rows, name] of Object.entries(FEATURE_TABLES) as [Rows, string][]) {
      const matrix: FeatureMatrix = data[rows];
      if (matrix.width === 0) continue;
      const vectors = initial[name] ?? zeros(matrix.width, embedding);
      this.#tables[rows] = new FeatureTable(tensorflow, settings, matrix, vectors);
    }
    if (this.#tables.users || this.#tables.context) {
      const start = initial[START]?.data ?? new Float32Array(embedding);
      this.#start = new AdamParameter(tensorflow, settings, start, [1, embedding]);
    }
  }

  get items(): FeatureTable | undefined {
    return this.#tables.items;
  }

  get events(): FeatureTable | undefined {
    return this.#tables.events;
  }

  /** What is asked of a batch. @param rows [predictions] of the dataset; undefined where nothing is known of users and requests */
  ask(rows: Int32Array, random: Random): Asked | undefined {
    if (!this.#start) return undefined;
    const again: number[] = [];
    rows.forEach((_, prediction) => {
      if (random.uniform() < WITHOUT_HISTORY) again.push(prediction);
    });
    const predictions = Int32Array.from([...rows.keys(), ...again]);
    const asked = predictions.map((prediction) => rows[prediction]!);
    const context = this.#tables.context ? asked.map((row) => (random.uniform() < WITHOUT_CONTEXT ? -1 : row)) : asked;
    const queries = { users: this.#users(asked), context, cold: again.length };
    return {
      predictions,
      cold: again.length,
      vectors: this.#vectors(queries, 'value'),
      learn: (byOutputs) => this.#learn(queries, byOutputs),
    };
  }

  /** What the averaged vectors add to outputs: [rows, embedding]. @param rows of the dataset, -1 for nothing */
  queries(rows: Int32Array): Tensor2D | undefined {
    if (!this.#start) return undefined;
    return this.#vectors({ users: this.#users(rows), context: rows, cold: 0 }, 'average');
  }

  /** A copy of all averaged vectors. */
  averages(): NamedTensors {
    const entries: [string, FloatTensor][] = (Object.entries(this.#tables) as [Rows, FeatureTable][]).map(
      ([rows, table]) => [FEATURE_TABLES[rows], table.average()],
    );
    if (this.#start) {
      entries.push([START, { shape: [this.embedding], data: this.#start.average.dataSync().slice() as Float32Array }]);
    }
    return Object.fromEntries(entries);
  }

  restore(values: NamedTensors): void {
    for (const [rows, table] of Object.entries(this.#tables) as [Rows, FeatureTable][]) {
      table.restore(values[FEATURE_TABLES[rows]]!);
    }
    this.#start?.restore(values[START]!.data);
  }

  /** All that the next batches depend on. */
  save(): Saved {
    const tables = (Object.entries(this.#tables) as [Rows, FeatureTable][]).map(([rows, table]) => [
      rows,
      table.save(),
    ]);
    return { ...Object.fromEntries(tables), ...(this.#start && { start: this.#start.save() }) };
  }

  /** Goes on from what `save` gave. */
  load(saved: Saved): void {
    for (const [rows, table] of Object.entries(this.#tables) as [Rows, FeatureTable][])
      table.load(saved[rows] as Saved);
    this.#start?.load(saved.start as Saved);
  }

  dispose(): void {
    for (const table of Object.values(this.#tables)) table.dispose();
    this.#start?.dispose();
  }

  #users(rows: Int32Array): Int32Array {
    return rows.map((row) => (row < 0 ? -1 : this.data.rowUsers[row]!));
  }

  #vectors({ users, context, cold }: Queries, which: 'value' | 'average'): Tensor2D {
    const { tf } = this.tensorflow;
    let vectors: Tensor2D = tf.zeros([users.length, this.embedding]);
    if (this.#tables.users) vectors = tf.add(vectors, this.#tables.users.rows(which, users));
    if (this.#tables.context) vectors = tf.add(vectors, this.#tables.context.rows(which, context));
    if (cold === 0) return vectors;
    const start = tf.tile(this.#start![which] as Tensor2D, [cold, 1]);
    return tf.add(vectors, tf.concat([tf.zeros([users.length - cold, this.embedding]), start], 0));
  }

  #learn({ users, context, cold }: Queries, byOutputs: Tensor2D): void {
    const { tf } = this.tensorflow;
    this.#tables.users?.learn(byOutputs, users);
    this.#tables.context?.learn(byOutputs, context);
    const byStart = tf.slice(byOutputs, [users.length - cold, 0], [cold, this.embedding]);
    this.#start?.step(tf.sum(byStart, 0, true));
  }
}

function zeros(rows: number, size: number): FloatTensor {
  return { shape: [rows, size], data: new Float32Array(rows * size) };
}
