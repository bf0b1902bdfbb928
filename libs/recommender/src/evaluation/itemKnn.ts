import { countingOffsets } from '../data/dataset';
import { type History, itemCounts, type Sequences, sequenceCount } from '../data/sequences';
import type { Ranker } from './evaluation';

/**
 * Baseline: item-based nearest neighbours (Deshpande and Karypis, 2004). The similarity of two items is the cosine of
 * their columns in the matrix of who touched what; an item keeps its `k` nearest, and all that are level with the last
 * of them. A history scores the sum of its items' neighbours.
 */
export class ItemKnnRanker implements Ranker {
  readonly name: string;
  readonly #neighbours: readonly { items: Int32Array; similarities: Float32Array }[];

  constructor(training: Sequences, itemCount: number, k = 100) {
    this.name = 'item-knn';
    const distinct = withoutRepeats(training, itemCount);
    const counts = itemCounts(distinct, itemCount);
    const { starts, sequences } = sequencesByItem(distinct, itemCount);
    const together = new Float64Array(itemCount);
    this.#neighbours = Array.from({ length: itemCount }, (_, item) => {
      const touched: number[] = [];
      for (let i = starts[item]!; i < starts[item + 1]!; i++) {
        const sequence = sequences[i]!;
        for (let row = distinct.offsets[sequence]!; row < distinct.offsets[sequence + 1]!; row++) {
          const other = distinct.items[row]!;
          if (other !== item && together[other]!++ === 0) touched.push(other);
        }
      }
      const similarity = (other: number) => together[other]! / Math.sqrt(counts[item]! * counts[other]!);
      const ranked = touched.map((other) => ({ other, value: similarity(other) })).sort((a, b) => b.value - a.value);
      const threshold = ranked[k - 1]?.value ?? 0;
      const kept = ranked.filter(({ value }) => value >= threshold);
      for (const other of touched) together[other] = 0;
      return {
        items: Int32Array.from(kept, ({ other }) => other),
        similarities: Float32Array.from(kept, ({ value }) => value),
      };
    });
  }

  score({ items: touched }: History, out: Float32Array): void {
    out.fill(0);
    for (const item of touched) {
      const { items, similarities } = this.#neighbours[item]!;
      for (let i = 0; i < items.length; i++) out[items[i]!]! += similarities[i]!;
    }
  }
}

function withoutRepeats({ offsets, items, timestamps }: Sequences, itemCount: number): Sequences {
  const lastSequence = new Int32Array(itemCount).fill(-1);
  const keptOffsets = new Int32Array(offsets.length);
  const keptItems = new Int32Array(items.length);
  let end = 0;
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    for (let row = offsets[sequence]!; row < offsets[sequence + 1]!; row++) {
      const item = items[row]!;
      if (lastSequence[item] === sequence) continue;
      lastSequence[item] = sequence;
      keptItems[end++] = item;
    }
    keptOffsets[sequence + 1] = end;
  }
  return { offsets: keptOffsets, items: keptItems.slice(0, end), timestamps: timestamps.slice(0, end) };
}

function sequencesByItem(sequences: Sequences, itemCount: number): { starts: Int32Array; sequences: Int32Array } {
  const starts = countingOffsets(sequences.items, itemCount);
  const next = starts.slice();
  const byItem = new Int32Array(sequences.items.length);
  for (let sequence = 0; sequence < sequenceCount(sequences); sequence++) {
    for (let row = sequences.offsets[sequence]!; row < sequences.offsets[sequence + 1]!; row++) {
      byItem[next[sequences.items[row]!]!++] = sequence;
    }
  }
  return { starts, sequences: byItem };
}
