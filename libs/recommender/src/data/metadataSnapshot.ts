import type { Metadata } from './dataset';
import type { MetadataColumn } from './metadataColumns';
import { packWords, unpackWords } from './packedWords';
import type { TensorData } from './safetensors';

/** A dataset's columns of metadata by name and kind, as the snapshot's own metadata lists them in JSON. */
type Listing = Record<keyof Metadata, readonly Pick<MetadataColumn, 'name' | 'kind'>[]>;

const ROWS = ['items', 'users', 'interactions'] as const;

/** Adds the columns of metadata to a snapshot's tensors. @returns what `readMetadata` needs to find them again */
export function writeMetadata(metadata: Metadata, add: (name: string, data: TensorData) => void): string {
  for (const rows of ROWS) {
    metadata[rows].forEach((column, index) => {
      const at = `${rows}.${index}`;
      if ('values' in column) {
        add(`${at}.values`, column.values);
        return;
      }
      const { text, ends } = packWords(column.words);
      add(`${at}.words.text`, text);
      add(`${at}.words.ends`, ends);
      add(`${at}.offsets`, column.offsets);
      add(`${at}.codes`, column.codes);
    });
  }
  const listing = ROWS.map((rows) => [rows, metadata[rows].map(({ name, kind }) => ({ name, kind }))]);
  return JSON.stringify(Object.fromEntries(listing));
}

/**
 * Reads the columns back.
 * @param counts how many rows there are of each
 * @param take gives a tensor of a type, or throws
 * @param damaged makes the error for what is not consistent
 */
export function readMetadata(
  listing: string,
  counts: Readonly<Record<keyof Metadata, number>>,
  take: <Data extends TensorData>(name: string, tag: string) => Data,
  damaged: (why: string) => Error,
): Metadata {
  const listed = JSON.parse(listing) as Listing;
  const read = (rows: keyof Metadata): MetadataColumn[] =>
    listed[rows].map(({ name, kind }, index) => {
      const at = `${rows}.${index}`;
      if (kind !== 'categorical' && kind !== 'text') {
        const values = take<Float64Array>(`${at}.values`, 'Float64Array');
        if (values.length !== counts[rows]) throw damaged(`the ${rows} column ${name} has ${values.length} values`);
        return { name, kind, values };
      }
      const words = unpackWords(take(`${at}.words.text`, 'Uint8Array'), take(`${at}.words.ends`, 'Int32Array'));
      const [offsets, codes] = ['offsets', 'codes'].map((part) => take<Int32Array>(`${at}.${part}`, 'Int32Array'));
      const spans = offsets!.length === counts[rows] + 1 && offsets![counts[rows]] === codes!.length;
      if (!spans || codes!.some((code) => code < 0 || code >= words.length)) {
        throw damaged(`the ${rows} column ${name} names words outside its vocabulary`);
      }
      return { name, kind, words, offsets: offsets!, codes: codes! };
    });
  return { items: read('items'), users: read('users'), interactions: read('interactions') };
}
