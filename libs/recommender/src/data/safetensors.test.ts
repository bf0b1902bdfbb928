import { readSafetensors, writeSafetensors } from './safetensors';

const file = {
  tensors: new Map([
    ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ['matrix', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4.5) }],
    ['times', { shape: [1], data: Float64Array.of(1.7e12) }],
    ['indices', { shape: [2], data: Int32Array.of(-1, 7) }],
  ]),
  metadata: { format: 'test' },
};

/** Changes the JSON header of a file, keeping its length field right. */
function withHeader(
  change: (header: Record<string, { data_offsets?: number[]; shape?: number[] }>) => void,
): Uint8Array {
  const bytes = writeSafetensors(file);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  change(header);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const changed = new Uint8Array(8 + json.length + bytes.length - 8 - length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(json.length), true);
  changed.set(json, 8);
  changed.set(bytes.subarray(8 + length), 8 + json.length);
  return changed;
}

test('what was written is read back, whatever the alignment of the buffer', () => {
  const bytes = writeSafetensors(file);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  for (const given of [bytes, shifted.subarray(1)]) {
    const read = readSafetensors(given);
    expect(read.metadata).toEqual({ format: 'test' });
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...file.tensors].sort()));
  }
});

test('the layout is the published one: length, JSON header, data without gaps', () => {
  const bytes = writeSafetensors({
    tensors: new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]),
    metadata: {},
  });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  });
  expect(new Float32Array(bytes.slice(8 + length).buffer)).toEqual(Float32Array.of(1, 2));
});

describe('a damaged file is refused', () => {
  test.each([
    ['cut in the middle', writeSafetensors(file).subarray(0, 60)],
    ['a length beyond the file', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0)],
    ['an empty file', new Uint8Array()],
    ['a header that is no JSON', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b)],
    ['data beyond the end', withHeader((header) => header.matrix!.data_offsets!.splice(1, 1, 1000))],
    ['a shape that does not fit its data', withHeader((header) => Object.assign(header.matrix!, { shape: [3, 3] }))],
    [
      'a type that only JavaScript objects have',
      withHeader((header) => Object.assign(header.matrix!, { dtype: 'constructor' })),
    ],
    ['a negative offset', withHeader((header) => Object.assign(header.bytes!, { data_offsets: [-3, 0] }))],
  ])('%s', (_what, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
  });
});
