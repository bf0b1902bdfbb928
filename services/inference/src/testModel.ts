import { encodeArtifact, ItemCatalogue, type Model } from '@attune/recommender';

const EMBEDDING = 4;
const HIDDEN = 6;

export interface TestModelOptions {
  /** The catalogue, the most popular first. */
  itemIds: readonly string[];
  /** @default true */
  excludeSeen?: boolean;
}

/**
 * A sound model for tests whose lists are plain to see: whoever touched an item is recommended the next of the
 * catalogue, and then the popular ones. Its network has weights that are fixed, and a tenth of the say.
 */
export function testModel({ itemIds, excludeSeen = true }: TestModelOptions): Model {
  const items = itemIds.length;
  const weights = (length: number) => Float32Array.from({ length }, (_, index) => 0.3 * Math.sin(1 + index));
  const tensor = (...shape: number[]) => ({ shape, data: weights(shape.reduce((size, length) => size * length)) });
  const ranks = itemIds.map((_, index) => 1 / (index + 2));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const metrics = { model: {}, network: {}, popularity: {}, nextItem: { model: {}, network: {}, popularity: {} } };
  return {
    items: new ItemCatalogue(itemIds, new Int32Array(items).fill(1), new Float64Array(items).fill(0)),
    popularity: Float32Array.from(ranks, (rank) => rank / total),
    weights: {
      itemVectors: weights(items * EMBEDDING),
      itemBias: new Float32Array(items),
      encoder: {
        'gru.input_weights': tensor(3, EMBEDDING, HIDDEN),
        'gru.hidden_weights': tensor(3, HIDDEN, HIDDEN),
        'gru.bias': tensor(3, HIDDEN),
        'projection.weights': tensor(HIDDEN, EMBEDDING),
        'projection.bias': tensor(EMBEDDING),
      },
    },
    transitions: {
      followers: {
        offsets: Int32Array.from({ length: items + 1 }, (_, row) => row),
        columns: Int32Array.from({ length: items }, (_, row) => (row + 1) % items),
        values: new Float32Array(items).fill(0.9),
      },
    },
    manifest: {
      formatVersion: 1,
      recipe: 'aws-user-personalization',
      excludeSeen,
      trainingWindow: { lastTimestamp: 0 },
      maxHistory: 50,
      mixingWeight: 0.9,
      metrics: { split: 'leave-one-out', cases: 0, ...metrics },
    } as unknown as Model['manifest'],
  };
}

/** The artifact of such a model: its files by name. */
export function testArtifact(options: TestModelOptions): Map<string, Uint8Array> {
  return encodeArtifact(testModel(options));
}
