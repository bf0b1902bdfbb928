import { ItemCatalogue, type Model, type Random, type ServedModel } from '@attune/recommender';

/** How far a made item lies from the real one it is made of, in standard deviations of the real vectors by dimension. */
const VECTOR_NOISE = 0.5;
const BIAS_NOISE = 0.3;

/**
 * A trained model with as many items as asked for: its own first, or the most popular of them; the others near real ones
 * drawn at random, so that vectors lie as clustered, and biases as spread, as a trained network leaves them.
 */
export function growModel(model: Model, count: number, random: Random): ServedModel {
  const { weights, popularity, transitions, items, manifest } = model;
  const real = items.ids.length;
  const embedding = weights.itemVectors.length / real;
  const deviations = deviationsOf(weights.itemVectors, embedding);
  const itemVectors = new Float32Array(count * embedding);
  const itemBias = new Float32Array(count);
  const shares = new Float32Array(count);
  for (let item = 0; item < count; item++) {
    const isReal = item < real;
    const source = isReal ? item : Math.floor(random.uniform() * real);
    const noise = (scale: number) => (isReal ? 0 : scale * random.normal());
    itemBias[item] = weights.itemBias[source]! + noise(BIAS_NOISE);
    shares[item] = popularity[source]! * Math.exp(noise(BIAS_NOISE));
    for (let i = 0; i < embedding; i++) {
      const value = weights.itemVectors[source * embedding + i]!;
      itemVectors[item * embedding + i] = value + noise(VECTOR_NOISE * deviations[i]!);
    }
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  const { offsets, columns, values } = transitions.followers;
  const known = (row: number) => offsets[Math.min(row, real)]!;
  return {
    manifest,
    weights: { ...weights, itemVectors, itemBias },
    popularity: shares.map((share) => share / total),
    transitions: {
      followers: { offsets: Int32Array.from({ length: count + 1 }, (_, row) => known(row)), columns, values },
    },
    items: new ItemCatalogue(
      Array.from(shares, (_, item) => items.ids[item] ?? `made-${item}`),
      new Int32Array(count),
      new Float64Array(count),
    ),
  };
}

function deviationsOf(vectors: Float32Array, embedding: number): Float64Array {
  const squares = new Float64Array(embedding);
  vectors.forEach((value, at) => {
    squares[at % embedding]! += value * value;
  });
  return squares.map((sum) => Math.sqrt(sum / (vectors.length / embedding)));
}
