import { createHash } from 'node:crypto';
import { InvalidInputError } from '@attune/domain';
import { readSafetensors, type Tensor, type TensorData, writeSafetensors } from '../data/safetensors';

/**
 * What a part of a training holds at some moment: numbers, texts, typed arrays, and lists and plain objects of them. What
 * wrote it reads it.
 */
export type Saved = Readonly<Record<string, unknown>>;

const FORMAT = 'attune-checkpoint-1';
const DIGEST_BYTES = 32;

/** Where a typed array stands in the JSON. */
interface TensorReference {
  $tensor: string;
}

/**
 * Writes what a training needs to go on: a SHA-256 of the rest, then a safetensors file of its typed arrays, whose metadata holds
 * everything else as JSON.
 * @param codeVersion another one's checkpoint is not read
 */
export function encodeCheckpoint(saved: Saved, codeVersion: string): Uint8Array {
  const tensors = new Map<string, Tensor>();
  const strip = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) {
      const name = String(tensors.size);
      const data = value as TensorData;
      tensors.set(name, { shape: [data.length], data });
      return { $tensor: name } satisfies TensorReference;
    }
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, strip(member)]));
  };
  const state = JSON.stringify(strip(saved));
  const content = writeSafetensors({ tensors, metadata: { format: FORMAT, codeVersion, state } });
  const bytes = new Uint8Array(DIGEST_BYTES + content.length);
  bytes.set(digestOf(content));
  bytes.set(content, DIGEST_BYTES);
  return bytes;
}

/** @throws InvalidInputError where it is damaged, or another version of the code wrote it */
export function decodeCheckpoint(bytes: Uint8Array, codeVersion: string): Saved {
  const content = bytes.slice(DIGEST_BYTES);
  if (Buffer.compare(digestOf(content), bytes.subarray(0, DIGEST_BYTES)) !== 0) {
    throw new InvalidInputError('The checkpoint is damaged: its SHA-256 is another.');
  }
  const { tensors, metadata } = readSafetensors(content);
  if (metadata.format !== FORMAT || metadata.codeVersion !== codeVersion) {
    throw new InvalidInputError(
      `The checkpoint is ${metadata.format} of version ${metadata.codeVersion}; this is ${FORMAT} of ${codeVersion}.`,
    );
  }
  return JSON.parse(metadata.state!, (_key, value: Partial<TensorReference> | null) =>
    typeof value === 'object' && value?.$tensor !== undefined ? tensors.get(value.$tensor)!.data : value,
  ) as Saved;
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
