import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ItemIndex } from '@attune/recommender';
import type { FromWorker, ToWorker } from './itemIndexWorker';

/** Rows that are handed over at once: 2.6 MB at 64 numbers each, copied within a millisecond. */
const ROWS_AT_ONCE = 10_000;

export interface ItemIndexOptions {
  /** [items, embedding] */
  itemVectors: Float32Array;
  /** [items] */
  itemBias: Float32Array;
  /** Threads that build. @default 1 */
  threads?: number;
}

/** An index that is being built, or is ready. */
export interface BuiltItemIndex extends ItemIndex {
  /**
   * Settles when the index can be searched.
   * @throws where the native library can't be loaded here, or fails
   */
  readonly ready: Promise<void>;
  /** Ends the thread, whatever it is doing; searches that are under way fail. */
  close(): Promise<void>;
}

interface Waiting {
  resolve: (items: Int32Array) => void;
  reject: (error: Error) => void;
}

/**
 * Builds an index for approximate search (HNSW; Malkov and Yashunin, 2018) in a thread of its own, and searches it there, so
 * that neither holds up requests. The bias becomes one more dimension, in which every query has a 1; another dimension
 * fills all vectors up to one length, which turns the largest inner product into the nearest neighbour (Bachrach et al.,
 * "Speeding Up the Xbox Recommender System", RecSys 2014).
 */
export function buildItemIndex(options: ItemIndexOptions): BuiltItemIndex {
  return new IndexThread(options);
}

class IndexThread implements BuiltItemIndex {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #searches = new Map<number, Waiting>();
  readonly #handOver: { wake: () => void; fail: (error: Error) => void } = { wake: () => {}, fail: () => {} };
  #lastSearch = 0;
  #failure: Error | undefined;

  constructor({ itemVectors, itemBias, threads = 1 }: ItemIndexOptions) {
    const embedding = itemVectors.length / itemBias.length;
    this.#worker = new Worker(join(__dirname, 'itemIndexWorker.js'), {
      workerData: { dimensions: embedding + 2, items: itemBias.length, threads },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`The thread of the item index ended with code ${code}.`)));
    this.ready = this.#build(itemVectors, itemBias);
    // Whoever waits for it is told; nobody has to.
    this.ready.catch(() => undefined);
  }

  search(output: Float32Array, count: number): Promise<Int32Array> {
    if (this.#failure) return Promise.reject(this.#failure);
    const search = ++this.#lastSearch;
    return new Promise((resolve, reject) => {
      this.#searches.set(search, { resolve, reject });
      this.#send({ search, output, count });
    });
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('The item index is closed.');
    await this.#worker.terminate();
  }

  async #build(itemVectors: Float32Array, itemBias: Float32Array): Promise<void> {
    const embedding = itemVectors.length / itemBias.length;
    const longest = longestSquare(itemVectors, itemBias);
    for (let start = 0; start < itemBias.length; start += ROWS_AT_ONCE) {
      const end = Math.min(itemBias.length, start + ROWS_AT_ONCE);
      const rows = new Float32Array((end - start) * (embedding + 2));
      for (let item = start, at = 0; item < end; item++, at += embedding + 2) {
        const vector = itemVectors.subarray(item * embedding, (item + 1) * embedding);
        rows.set(vector, at);
        rows[at + embedding] = itemBias[item]!;
        rows[at + embedding + 1] = Math.sqrt(Math.max(0, longest - square(vector) - itemBias[item]! ** 2));
      }
      const added = this.#added();
      this.#send({ start, rows }, [rows.buffer]);
      await added;
      await turn();
    }
  }

  #added(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      this.#handOver.wake = resolve;
      this.#handOver.fail = reject;
    });
  }

  #receive(message: FromWorker): void {
    if ('added' in message) {
      this.#handOver.wake();
      return;
    }
    const waiting = this.#searches.get(message.search);
    this.#searches.delete(message.search);
    waiting?.resolve(message.items);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#handOver.fail(this.#failure);
    for (const { reject } of this.#searches.values()) reject(this.#failure);
    this.#searches.clear();
  }

  #send(message: ToWorker, transferred: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transferred);
  }
}

function longestSquare(itemVectors: Float32Array, itemBias: Float32Array): number {
  const embedding = itemVectors.length / itemBias.length;
  let longest = 0;
  itemBias.forEach((bias, item) => {
    const vector = itemVectors.subarray(item * embedding, (item + 1) * embedding);
    longest = Math.max(longest, square(vector) + bias ** 2);
  });
  return longest;
}

function square(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
}
