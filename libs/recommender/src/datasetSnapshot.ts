import { InvalidInputError } from '@attune/domain';
import type { Dataset } from './dataset';
import { readSafetensors, type Tensor, type TensorData, writeSafetensors } from './safetensors';

/**
 * A dataset as the bytes of one safetensors file, to hand to a worker process: columns as tensors, and each
 * vocabulary as one tensor of UTF-8 bytes beside the end of each word in it.
 */
export function writeDataset(dataset: Dataset): Uint8Array {
  const tensors = new Map<string, Tensor>();
  const add = (name: string, data: TensorData) => tensors.set(name, { shape: [data.length], data });
  add('offsets', dataset.offsets);
  add('items', dataset.items);
  add('timestamps', dataset.timestamps);
  add('event_type_codes', dataset.eventTypeCodes);
  add('event_values', dataset.eventValues);
  for (const [name, words] of Object.entries(vocabularies(dataset))) {
    const { text, ends } = packWords(words);
    add(`${name}.text`, text);
    add(`${name}.ends`, ends);
  }
  return writeSafetensors({ tensors, metadata: { format: 'attune-dataset-1' } });
}

/** @throws InvalidInputError where the bytes are no dataset, or one that was damaged */
export function readDataset(bytes: Uint8Array): Dataset {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== 'attune-dataset-1') throw damaged(`its format is "${metadata.format}"`);
  const column = <Column extends TensorData>(name: string, tag: string): Column => {
    const data = tensors.get(name)?.data;
    if (data?.[Symbol.toStringTag] !== tag) throw damaged(`it has no ${tag} "${name}"`);
    return data as Column;
  };
  const words = (name: string) =>
    unpackWords(column<Uint8Array>(`${name}.text`, 'Uint8Array'), column<Int32Array>(`${name}.ends`, 'Int32Array'));
  const dataset: Dataset = {
    userIds: words('user_ids'),
    itemIds: words('item_ids'),
    eventTypes: words('event_types'),
    offsets: column('offsets', 'Int32Array'),
    items: column('items', 'Int32Array'),
    timestamps: column('timestamps', 'Float64Array'),
    eventTypeCodes: column('event_type_codes', 'Uint16Array'),
    eventValues: column('event_values', 'Float32Array'),
  };
  checkConsistent(dataset);
  return dataset;
}

const vocabularies = (dataset: Dataset) => ({
  user_ids: dataset.userIds,
  item_ids: dataset.itemIds,
  event_types: dataset.eventTypes,
});

function packWords(words: readonly string[]): { text: Uint8Array; ends: Int32Array } {
  const encoder = new TextEncoder();
  const encoded = words.map((word) => encoder.encode(word));
  const ends = new Int32Array(words.length);
  const text = new Uint8Array(encoded.reduce((sum, word) => sum + word.length, 0));
  let position = 0;
  encoded.forEach((word, index) => {
    text.set(word, position);
    position += word.length;
    ends[index] = position;
  });
  return { text, ends };
}

function unpackWords(text: Uint8Array, ends: Int32Array): string[] {
  const decoder = new TextDecoder();
  return Array.from(ends, (end, index) => decoder.decode(text.subarray(index === 0 ? 0 : ends[index - 1], end)));
}

function checkConsistent({ userIds, itemIds, offsets, items, ...columns }: Dataset): void {
  const rows = items.length;
  const sameLength = [columns.timestamps, columns.eventTypeCodes, columns.eventValues].every((c) => c.length === rows);
  if (!sameLength) throw damaged('its columns differ in length');
  if (offsets.length !== userIds.length + 1 || offsets[0] !== 0 || offsets[userIds.length] !== rows) {
    throw damaged('its offsets do not span the interactions');
  }
  if (offsets.some((offset, user) => user > 0 && offset < offsets[user - 1]!)) throw damaged('its offsets fall');
  if (items.some((item) => item < 0 || item >= itemIds.length)) throw damaged('it names items outside its vocabulary');
}

function damaged(why: string): InvalidInputError {
  return new InvalidInputError(`This is not a readable dataset snapshot: ${why}.`);
}
