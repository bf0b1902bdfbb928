import { ItemCatalogue } from '../data/itemCatalogue';
import type { MetadataRow } from '../data/metadataValues';
import { embeddingOf } from '../networks/encoder';
import type { ServedModel } from '../serving/model';
import { ServedFeatures } from './servedFeatures';

/** An item that came after a model was trained. */
export interface NewItem {
  id: string;
  metadata: MetadataRow;
}

/**
 * The model with further items behind its own, which get vector and bias from their metadata. They are as popular as the least
 * popular item, and nothing is remembered of what follows them.
 * @param items none that the model knows
 * @returns the given model where it has learned nothing from the metadata of items
 */
export function withNewItems<Served extends ServedModel>(model: Served, items: readonly NewItem[]): Served {
  const { manifest, weights, transitions, popularity } = model;
  if (items.length === 0 || !manifest.features || manifest.features.items.length === 0) return model;
  const [before, embedding] = [model.items.ids.length, embeddingOf(weights)];
  const count = before + items.length;
  const features = new ServedFeatures(manifest.features, weights.features ?? {}, embedding);
  const vectors = longer(weights.itemVectors, count * embedding);
  const biases = longer(weights.itemBias, count);
  items.forEach(({ metadata }, index) => {
    const { vector, bias } = features.item(metadata);
    vectors.set(vector, (before + index) * embedding);
    biases[before + index] = bias;
  });
  const least = popularity.reduce((low, share) => Math.min(low, share), 1);
  const total = 1 + least * items.length;
  const shares = longer(popularity, count).map((share, item) => (item < before ? share : least) / total);
  const { followers } = transitions;
  const offsets = new Int32Array(count + 1).fill(followers.columns.length);
  offsets.set(followers.offsets);
  const counts = new Int32Array(count);
  counts.set(model.items.counts);
  const firstInteractions = new Float64Array(count).fill(Number.NaN);
  firstInteractions.set(model.items.firstInteractions);
  return {
    ...model,
    weights: { ...weights, itemVectors: vectors, itemBias: biases },
    transitions: { ...transitions, followers: { ...followers, offsets } },
    popularity: shares,
    items: new ItemCatalogue([...model.items.ids, ...items.map(({ id }) => id)], counts, firstInteractions),
  };
}

function longer(values: Float32Array, length: number): Float32Array {
  const copy = new Float32Array(length);
  copy.set(values);
  return copy;
}
