import type { ItemCatalogue } from '../data/itemCatalogue';
import type { Sequences } from '../data/sequences';
import type { Ranker } from '../evaluation/evaluation';
import type { FeatureMatrix } from '../features/featureMatrix';
import { FEATURE_TABLES, ITEM_CONTENT } from '../features/featureNames';
import type { DatasetFeatures } from '../features/modelFeatures';
import { multiplyRows } from '../features/sparseProduct';
import { embeddingOf, type NetworkWeights } from '../networks/encoder';
import type { LearnedParameters, UpdatableModel } from '../serving/model';
import { popularityBias } from '../serving/popularity';
import { Scorer } from '../serving/scorer';

/** How strongly a new item's vector is drawn to the mean of all: as if so many neighbours had it. */
const PSEUDO_NEIGHBOURS = 2;

/**
 * Parameters for an update to begin with: those of an earlier model, and rows for the items that came since. A
 * new item's vector is the mean of the known items next to it in histories, because items touched together have like
 * vectors; its bias is its popularity, moved as far as training moved the biases of the others on average.
 * @param earlier what the earlier model learned, by the indices of its catalogue
 * @param items the catalogue of today
 * @param training what the update learns from, by today's item indices
 * @param popularity [items] today's
 * @param features the features of today's items; then a new item's vector starts from those instead of the mean of all
 */
export function carryOver(
  earlier: LearnedParameters,
  itemsThen: ItemCatalogue,
  items: ItemCatalogue,
  training: Sequences,
  popularity: Float32Array,
  features?: FeatureMatrix,
): NetworkWeights {
  const { weights, popularity: popularityThen } = earlier;
  const embedding = embeddingOf(weights);
  const before = indicesIn(itemsThen, items);
  const vectors = new Float32Array(items.ids.length * embedding);
  const mean = meanVector(weights.itemVectors, embedding);
  const table = weights.features?.[FEATURE_TABLES.items]?.data;
  const plain = weights.features?.[ITEM_CONTENT.vector]?.data;
  const described = features && table && multiplyRows(features, undefined, table, embedding);
  before.forEach((index, item) => {
    const of = (all: Float32Array, row: number) => all.subarray(row * embedding, (row + 1) * embedding);
    const fresh = described ? of(described, item).map((value, k) => value + (plain?.[k] ?? 0)) : mean;
    vectors.set(index < 0 ? fresh : of(weights.itemVectors, index), item * embedding);
  });
  addNeighbours(vectors, embedding, before, training);
  const biasThen = popularityBias(popularityThen);
  const moved = weights.itemBias.reduce((sum, bias, item) => sum + bias - biasThen[item]!, 0) / biasThen.length;
  const biasNow = popularityBias(popularity);
  return {
    ...weights,
    itemVectors: vectors,
    itemBias: Float32Array.from(before, (index, item) =>
      index < 0 ? biasNow[item]! + moved : weights.itemBias[index]!,
    ),
  };
}

/**
 * An earlier model as it was measured, as a ranker of today's catalogue. It ranks nothing that it does not know, and passes over
 * such items in histories.
 * @param data features of today's dataset, by the earlier model's columns. Absent where it has none
 */
export function rankerOfEarlier(earlier: UpdatableModel, items: ItemCatalogue, data?: DatasetFeatures): Ranker {
  const before = indicesIn(earlier.items, items);
  const scorer = new Scorer({ manifest: earlier.manifest, items: earlier.items, ...earlier.measured });
  const scores = new Float32Array(earlier.items.ids.length);
  return {
    name: 'earlier model',
    score: (history, out, row) => {
      const known = history.items.map((item) => before[item]!);
      const isKnown = (_: number, event: number) => known[event]! >= 0;
      const read = {
        items: known.filter(isKnown),
        timestamps: history.timestamps.filter(isKnown),
        ...(history.rows && { rows: history.rows.filter(isKnown) }),
      };
      const state = scorer.stateOf(read, data);
      scorer.score(data && row !== undefined ? scorer.askingAt(state, data, row) : state, scores);
      before.forEach((index, item) => {
        out[item] = index < 0 ? Number.NEGATIVE_INFINITY : scores[index]!;
      });
    },
  };
}

/** Where each of today's items was in an earlier catalogue; -1 where it was not. */
function indicesIn(earlier: ItemCatalogue, items: ItemCatalogue): Int32Array {
  return Int32Array.from(items.ids, (id) => earlier.indexOf(id) ?? -1);
}

function meanVector(vectors: Float32Array, size: number): Float32Array {
  const mean = new Float32Array(size);
  for (let i = 0; i < vectors.length; i++) mean[i % size]! += vectors[i]!;
  const rows = vectors.length / size;
  return mean.map((sum) => sum / rows);
}

/** Moves the vectors of new items from the mean of all towards those of their neighbours. */
function addNeighbours(vectors: Float32Array, size: number, before: Int32Array, { offsets, items }: Sequences): void {
  const neighbours = new Float32Array(before.length).fill(PSEUDO_NEIGHBOURS);
  const add = (item: number, neighbour: number) => {
    if (before[item]! >= 0 || before[neighbour]! < 0) return;
    const share = 1 / ++neighbours[item]!;
    for (let i = 0; i < size; i++) {
      const place = item * size + i;
      vectors[place]! += share * (vectors[neighbour * size + i]! - vectors[place]!);
    }
  };
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    for (let row = offsets[sequence]! + 1; row < offsets[sequence + 1]!; row++) {
      add(items[row]!, items[row - 1]!);
      add(items[row - 1]!, items[row]!);
    }
  }
}
