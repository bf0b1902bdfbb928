import { encodeArtifact, ItemCatalogue, type Model } from '@attune/recommender';

const EMBEDDING = 4;
const HIDDEN = 6;

export interface TestModelOptions {
  /** The catalogue, the most popular first. */
  itemIds: readonly string[];
  /** @default true */
  excludeSeen?: boolean;
  /**
   * Whether the model has learned from metadata: items that are LIKE one of the catalogue are as that one, users who LIKE
   * one, and requests from a PLACE of its name, get it first. For up to four items; the network alone has a say.
   */
  features?: boolean;
}

/**
 * A sound model for tests whose lists are plain to see: whoever touched an item is recommended the next of the
 * catalogue, and then the popular ones. Its network has weights that are fixed, and a tenth of the say.
 */
export function testModel({ itemIds, excludeSeen = true, features = false }: TestModelOptions): Model {
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
      itemVectors: features ? unitVectors(items, 1) : weights(items * EMBEDDING),
      itemBias: new Float32Array(items),
      encoder: {
        'gru.input_weights': tensor(3, EMBEDDING, HIDDEN),
        'gru.hidden_weights': tensor(3, HIDDEN, HIDDEN),
        'gru.bias': tensor(3, HIDDEN),
        'projection.weights': tensor(HIDDEN, EMBEDDING),
        'projection.bias': tensor(EMBEDDING),
      },
      ...(features && { features: featureTensors(items) }),
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
      mixingWeight: features ? 0 : 0.9,
      ...(features && { features: featureColumns(itemIds) }),
      metrics: { split: 'leave-one-out', cases: 0, ...metrics },
    } as unknown as Model['manifest'],
  };
}

function unitVectors(count: number, length: number): Float32Array {
  return Float32Array.from({ length: count * EMBEDDING }, (_, i) =>
    i % EMBEDDING === Math.floor(i / EMBEDDING) ? length : 0,
  );
}

function featureColumns(vocabulary: readonly string[]) {
  const column = (name: string) => [{ name, kind: 'categorical', vocabulary }];
  return { items: column('LIKE'), users: column('LIKES'), events: [], context: column('placeName') };
}

function featureTensors(items: number) {
  const table = (length: number) => ({ shape: [items, EMBEDDING], data: unitVectors(items, length) });
  const zeros = (length: number) => ({ shape: [length], data: new Float32Array(length) });
  return {
    'features.items': table(1),
    'features.users': table(9),
    'features.context': table(9),
    'features.start': zeros(EMBEDDING),
    'features.item_base': zeros(EMBEDDING),
    'features.item_bias_base': zeros(1),
    'features.item_bias': zeros(items),
  };
}

/** The artifact of such a model: its files by name. */
export function testArtifact(options: TestModelOptions): Map<string, Uint8Array> {
  return encodeArtifact(testModel(options));
}
