import { InvalidInputError } from '@attune/domain';
import type { Dataset } from './dataset';
import { readMetadata, writeMetadata } from './metadataSnapshot';
import { packWords, unpackWords } from './packedWords';
import { readSafetensors, type Tensor, type TensorData, writeSafetensors } from './safetensors';

const FORMAT = 'attune-dataset-2';

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
  add('event_weights', dataset.eventWeights);
  for (const [name, words] of Object.entries(vocabularies(dataset))) {
    const { text, ends } = packWords(words);
    add(`${name}.text`, text);
    add(`${name}.ends`, ends);
  }
  const metadata = writeMetadata(dataset.metadata, add);
  return writeSafetensors({ tensors, metadata: { format: FORMAT, metadata } });
}

/** @throws InvalidInputError where the bytes are no dataset, or one that was damaged */
export function readDataset(bytes: Uint8Array): Dataset {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT) throw damaged(`its format is "${metadata.format}"`);
  const column = <Column extends TensorData>(name: string, tag: string): Column => {
    const data = tensors.get(name)?.data;
    if (data?.[Symbol.toStringTag] !== tag) throw damaged(`it has no ${tag} "${name}"`);
    return data as Column;
  };
  const words = (name: string) =>
    unpackWords(column<Uint8Array>(`${name}.text`, 'Uint8Array'), column<Int32Array>(`${name}.ends`, 'Int32Array'));
  const [userIds, itemIds, items] = [words('user_ids'), words('item_ids'), column<Int32Array>('items', 'Int32Array')];
  const counts = { items: itemIds.length, users: userIds.length, interactions: items.length };
  const dataset: Dataset = {
    userIds,
    itemIds,
    eventTypes: words('event_types'),
    offsets: column('offsets', 'Int32Array'),
    items,
    timestamps: column('timestamps', 'Float64Array'),
    eventTypeCodes: column('event_type_codes', 'Uint16Array'),
    eventValues: column('event_values', 'Float32Array'),
    eventWeights: column('event_weights', 'Float32Array'),
    metadata: readMetadata(metadata.metadata ?? '', counts, column, damaged),
  };
  checkConsistent(dataset);
  return dataset;
}

const vocabularies = (dataset: Dataset) => ({
  user_ids: dataset.userIds,
  item_ids: dataset.itemIds,
  event_types: dataset.eventTypes,
});

function checkConsistent({ userIds, itemIds, offsets, items, ...columns }: Dataset): void {
  const rows = items.length;
  const { timestamps, eventTypeCodes, eventValues, eventWeights } = columns;
  const sameLength = [timestamps, eventTypeCodes, eventValues, eventWeights].every((c) => c.length === rows);
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
