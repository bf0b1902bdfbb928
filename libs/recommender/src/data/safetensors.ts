import { InvalidInputError } from '@attune/domain';

/** The element types in use here, a subset of the format's. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: TensorData;
}

/** What one safetensors file holds. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const CONSTRUCTORS = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;

type DType = keyof typeof CONSTRUCTORS;

/** The format's own limit on the header, so that a damaged length is not taken for a huge allocation. */
const LARGEST_HEADER = 100_000_000;

interface HeaderEntry {
  dtype: DType;
  shape: readonly number[];
  data_offsets: readonly [number, number];
}

/**
 * Writes tensors as one safetensors file: an unsigned 64-bit header length, the JSON header, then the data of the
 * tensors without gaps (github.com/huggingface/safetensors, "Format"). Wider elements come first and the header is
 * padded with spaces to 8 bytes, so that every tensor is aligned and can be read in place.
 */
export function writeSafetensors(file: TensorFile): Uint8Array {
  const ordered = [...file.tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = {};
  if (Object.keys(file.metadata).length > 0) header.__metadata__ = file.metadata;
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. The tensors are views of `bytes` where alignment allows it, else copies.
 * @throws InvalidInputError where the bytes break the format, or hold an element type that Attune does not write
 */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  const { header, dataStart } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, readTensor(bytes.subarray(dataStart), name, entry));
  }
  return { tensors, metadata: metadata as Readonly<Record<string, string>> };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw damaged(`it has ${bytes.length} bytes, and the header's length alone takes 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LARGEST_HEADER || 8 + length > bytes.length) {
    throw damaged(`its header claims ${length} bytes, the file has ${bytes.length}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw damaged('its header is no JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw damaged('its header is no object');
  return { header: header as Record<string, unknown>, dataStart: 8 + length };
}

function readTensor(data: Uint8Array, name: string, entry: unknown): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<HeaderEntry>;
  if (!Object.hasOwn(CONSTRUCTORS, String(dtype))) {
    throw damaged(`tensor "${name}" is of type "${dtype}"; known are ${Object.keys(CONSTRUCTORS).join(', ')}`);
  }
  const Column = CONSTRUCTORS[dtype as DType];
  if (!isListOfWholeNumbers(shape)) throw damaged(`tensor "${name}" has no valid shape`);
  if (!isListOfWholeNumbers(offsets) || offsets.length !== 2)
    throw damaged(`tensor "${name}" has no valid data_offsets`);
  const [start, end] = offsets as [number, number];
  const count = shape.reduce((product, size) => product * size, 1);
  if (end > data.length || end - start !== count * Column.BYTES_PER_ELEMENT) {
    throw damaged(`tensor "${name}" of shape [${shape}] claims bytes ${start} to ${end} of ${data.length}`);
  }
  const absolute = data.byteOffset + start;
  if (absolute % Column.BYTES_PER_ELEMENT === 0) {
    return { shape, data: new Column(data.buffer as ArrayBuffer, absolute, count) };
  }
  return { shape, data: new Column(data.slice(start, end).buffer, 0, count) };
}

function isListOfWholeNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** By name and not by `instanceof`: an array from another realm, such as a test's sandbox, is as good. */
function dtypeOf(data: TensorData): DType {
  const found = Object.entries(CONSTRUCTORS).find(([, { name }]) => name === data[Symbol.toStringTag]);
  return found![0] as DType;
}

function damaged(why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`This is not a readable safetensors file: ${why}.`, { cause });
}
