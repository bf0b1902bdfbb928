import { createHash } from 'node:crypto';
import { InvalidInputError } from '@attune/domain';
import { ItemCatalogue } from '../data/itemCatalogue';
import { readSafetensors, type Tensor, type TensorData, writeSafetensors } from '../data/safetensors';
import { featureShapes, type ModelFeatures } from '../features/modelFeatures';
import { embeddingOf } from '../networks/encoder';
import type { FloatTensor, NamedTensors } from '../networks/parameterSet';
import type { Recipe } from '../networks/recipe';
import { findRecipe, recipeOf } from '../networks/recipes';
import { FORMAT_VERSION, type LearnedParameters, type Model, type ModelManifest, type UpdatableModel } from './model';

const [TENSORS, ITEMS, MANIFEST] = ['model.safetensors', 'items.jsonl', 'manifest.json'] as const;

/** What an update starts from. */
const MEASURED = 'measured.safetensors';

/** The files that serving needs. */
export const SERVING_FILES: readonly string[] = [TENSORS, ITEMS, MANIFEST];

/** All files in the order to write them: the manifest last, because it says that the others are whole. */
export const ARTIFACT_FILES: readonly string[] = [MEASURED, ...SERVING_FILES];

/** What `manifest.json` says of another file. */
interface FileSeal {
  bytes: number;
  sha256: string;
}

/** The files of a model by name. docs/artifact.md describes them, and how to get the served scores from them alone. */
export function encodeArtifact(model: Model): Map<string, Uint8Array> {
  const files = new Map([
    [TENSORS as string, encodeTensors(model)],
    [ITEMS as string, encodeItems(model.items)],
  ]);
  if (model.measured) files.set(MEASURED, encodeTensors(model.measured));
  const seals = Object.fromEntries([...files].map(([name, bytes]) => [name, sealOf(bytes)]));
  const manifest = { ...model.manifest, files: seals };
  return files.set(MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
}

/**
 * Reads a model back for serving, once every file that it needs has proved whole.
 * @throws InvalidInputError naming the file where one is missing, damaged, or of another format
 */
export function decodeArtifact(files: ReadonlyMap<string, Uint8Array>): Model {
  return decode(files, [TENSORS, ITEMS]).model;
}

/**
 * Reads a model back to update it, once every file has proved whole.
 * @throws InvalidInputError naming the file where one is missing, damaged, or of another format
 */
export function decodeUpdatableModel(files: ReadonlyMap<string, Uint8Array>): UpdatableModel {
  const { model, tensors } = decode(files, [TENSORS, ITEMS, MEASURED]);
  return { ...model, measured: tensors(MEASURED) };
}

function decode(files: ReadonlyMap<string, Uint8Array>, sealed: readonly string[]) {
  const { files: seals, ...manifest } = decodeManifest(fileOf(files, MANIFEST));
  for (const name of sealed) checkSeal(name, fileOf(files, name), seals?.[name]);
  const items = decodeItems(fileOf(files, ITEMS));
  const tensors = (name: string) =>
    decodeTensors(name, fileOf(files, name), items.ids.length, recipeOf(manifest.recipe), manifest.features);
  const model: Model = { manifest, items, ...tensors(TENSORS) };
  return { model, tensors };
}

function encodeTensors({ weights, transitions, popularity }: LearnedParameters): Uint8Array {
  const { itemVectors, itemBias, encoder, features = {} } = weights;
  const tensors = new Map<string, Tensor>();
  tensors.set('item_vectors', { shape: [itemBias.length, embeddingOf(weights)], data: itemVectors });
  const add = (name: string, data: TensorData) => tensors.set(name, { shape: [data.length], data });
  add('item_bias', itemBias);
  for (const [name, tensor] of Object.entries({ ...encoder, ...features })) tensors.set(name, tensor);
  add('popularity', popularity);
  add('transitions.offsets', transitions.followers.offsets);
  add('transitions.items', transitions.followers.columns);
  add('transitions.probabilities', transitions.followers.values);
  return writeSafetensors({ tensors, metadata: { format: 'attune-model', version: String(FORMAT_VERSION) } });
}

function decodeTensors(
  file: string,
  bytes: Uint8Array,
  items: number,
  recipe: Recipe,
  features: ModelFeatures | undefined,
): LearnedParameters {
  const { tensors } = readSafetensors(bytes);
  const take = <Data extends TensorData>(name: string, tag: string, shape?: readonly number[]): Data => {
    const tensor = tensors.get(name);
    const matches = tensor?.data[Symbol.toStringTag] === tag && (!shape || `${tensor.shape}` === `${shape}`);
    if (!matches) throw damaged(file, `it has no ${tag} "${name}"${shape ? ` of shape [${shape}]` : ''}`);
    return tensor!.data as Data;
  };
  const itemBias = take<Float32Array>('item_bias', 'Float32Array', [items]);
  const embedding = tensors.get('item_vectors')?.shape[1] ?? 0;
  const itemVectors = take<Float32Array>('item_vectors', 'Float32Array', [items, embedding]);
  // Where a tensor is of another type than these, `take` says so.
  const shapes = Object.entries(recipe.shapes(Object.fromEntries(tensors) as unknown as NamedTensors, embedding));
  const encoder = Object.fromEntries(
    shapes.map(([name, shape]): [string, FloatTensor] => [name, { shape, data: take(name, 'Float32Array', shape) }]),
  );
  const ofFeatures = Object.entries(features ? featureShapes(features, embedding) : {}).map(
    ([name, shape]): [string, FloatTensor] => [name, { shape, data: take<Float32Array>(name, 'Float32Array', shape) }],
  );
  const weights = { itemVectors, itemBias, encoder, ...(features && { features: Object.fromEntries(ofFeatures) }) };
  const followers = {
    offsets: take<Int32Array>('transitions.offsets', 'Int32Array', [items + 1]),
    columns: take<Int32Array>('transitions.items', 'Int32Array'),
    values: take<Float32Array>('transitions.probabilities', 'Float32Array'),
  };
  const { offsets, columns, values } = followers;
  const spans = offsets[0] === 0 && offsets[items] === columns.length && columns.length === values.length;
  if (!spans || offsets.some((offset, row) => row > 0 && offset < offsets[row - 1]!)) {
    throw damaged(file, 'transitions.offsets does not span the transitions');
  }
  if (columns.some((item) => item < 0 || item >= items)) throw damaged(file, 'transitions.items names unknown items');
  return { weights, transitions: { followers }, popularity: take('popularity', 'Float32Array', [items]) };
}

/** One line per item, in the order of the tensors' rows. */
interface ItemLine {
  id: string;
  interactions: number;
  /** Milliseconds since the epoch; null where no one touched the item. */
  firstInteraction: number | null;
}

function encodeItems({ ids, counts, firstInteractions }: ItemCatalogue): Uint8Array {
  const lines = ids.map((id, index) => {
    const first = firstInteractions[index]!;
    const line: ItemLine = { id, interactions: counts[index]!, firstInteraction: Number.isNaN(first) ? null : first };
    return `${JSON.stringify(line)}\n`;
  });
  return new TextEncoder().encode(lines.join(''));
}

function decodeItems(bytes: Uint8Array): ItemCatalogue {
  const lines = parse<ItemLine[]>(ITEMS, `[${new TextDecoder().decode(bytes).trimEnd().replaceAll('\n', ',')}]`);
  return new ItemCatalogue(
    lines.map(({ id }) => id),
    Int32Array.from(lines, ({ interactions }) => interactions),
    Float64Array.from(lines, ({ firstInteraction }) => firstInteraction ?? Number.NaN),
  );
}

function decodeManifest(bytes: Uint8Array): ModelManifest & { files?: Record<string, FileSeal> } {
  const manifest = parse<ModelManifest>(MANIFEST, textOf(MANIFEST, bytes));
  if (manifest.formatVersion !== FORMAT_VERSION) {
    throw damaged(
      MANIFEST,
      `its formatVersion is ${manifest.formatVersion}; this version of Attune reads ${FORMAT_VERSION}`,
    );
  }
  if (!findRecipe(manifest.recipe))
    throw damaged(MANIFEST, `its recipe is "${manifest.recipe}", which is not known here`);
  return manifest;
}

/** The manifest has no checksum: a damaged letter inside one of its strings would pass for another. */
function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw damaged(name, 'it is no UTF-8', cause);
  }
}

function parse<Value>(name: string, json: string): Value {
  try {
    return JSON.parse(json) as Value;
  } catch (cause) {
    throw damaged(name, 'it is no JSON', cause);
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) throw damaged(name, `it is missing; found ${[...files.keys()].join(', ') || 'no file'}`);
  return bytes;
}

function sealOf(bytes: Uint8Array): FileSeal {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function checkSeal(name: string, bytes: Uint8Array, expected: FileSeal | undefined): void {
  if (!expected) throw damaged(MANIFEST, `it holds no checksum of ${name}`);
  const actual = sealOf(bytes);
  if (actual.sha256 !== expected.sha256) {
    throw damaged(
      name,
      `its SHA-256 is ${actual.sha256} over ${actual.bytes} bytes, the manifest says ${expected.sha256} over ${expected.bytes}`,
    );
  }
}

function damaged(file: string, why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`The model artifact can't be used because of ${file}: ${why}.`, { cause });
}
