import { embeddingOf, type NetworkWeights } from '../networks/encoder';
import type { FeatureMatrix } from './featureMatrix';
import { FEATURE_TABLES, ITEM_CONTENT } from './featureNames';
import { ridgeRegression } from './ridgeRegression';
import { multiplyRows } from './sparseProduct';

/** An item of so many interactions counts half as much as one of very many: its vector is half noise. */
const HALF_KNOWN = 10;

const RIDGE = 2;

/**
 * Gives items that no one has touched the vector and the bias that their metadata suggests: what the vectors and biases of
 * touched items with such metadata are, by ridge regression. In training an item's own vector and those of its features
 * share what they learn, and the softmax pushes what never comes next away from every history; neither is about new items.
 * The vectors of touched items stay as they are.
 * @param counts [items] interactions that were learned
 * @param items the items' features
 * @returns the weights with those rows, and with what items that are yet to come get theirs from
 */
export function describeUntouchedItems(
  weights: NetworkWeights,
  counts: Int32Array,
  items: FeatureMatrix,
): NetworkWeights {
  const { itemVectors, itemBias, features } = weights;
  if (!features?.[FEATURE_TABLES.items]) return weights;
  const embedding = embeddingOf(weights);
  const touched = Int32Array.from(counts.keys()).filter((item) => counts[item]! > 0);
  const rowOf = (item: number) => itemVectors.subarray(item * embedding, (item + 1) * embedding);
  const targets = new Float32Array(touched.length * (embedding + 1));
  touched.forEach((item, index) => {
    targets.set(rowOf(item), index * (embedding + 1));
    targets[index * (embedding + 1) + embedding] = itemBias[item]!;
  });
  const known = Float32Array.from(touched, (item) => counts[item]! / (counts[item]! + HALF_KNOWN));
  const content = ridgeRegression(items, touched, known, targets, embedding + 1, RIDGE);
  const untouched = Int32Array.from(counts.keys()).filter((item) => counts[item] === 0);
  const described = multiplyRows(items, untouched, content.features, embedding + 1);
  const [vectors, biases] = [itemVectors.slice(), itemBias.slice()];
  untouched.forEach((item, index) => {
    const start = index * (embedding + 1);
    for (let k = 0; k < embedding; k++) vectors[item * embedding + k] = content.base[k]! + described[start + k]!;
    biases[item] = content.base[embedding]! + described[start + embedding]!;
  });
  const column = (matrix: Float32Array) => matrix.filter((_, i) => i % (embedding + 1) === embedding);
  const others = (matrix: Float32Array) => matrix.filter((_, i) => i % (embedding + 1) !== embedding);
  return {
    ...weights,
    itemVectors: vectors,
    itemBias: biases,
    features: {
      ...features,
      [FEATURE_TABLES.items]: { shape: [items.width, embedding], data: others(content.features) },
      [ITEM_CONTENT.vector]: { shape: [embedding], data: others(content.base) },
      [ITEM_CONTENT.bias]: { shape: [1], data: column(content.base) },
      [ITEM_CONTENT.featureBias]: { shape: [items.width], data: column(content.features) },
    },
  };
}
