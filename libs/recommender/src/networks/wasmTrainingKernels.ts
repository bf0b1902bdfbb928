import type * as TensorFlowCore from '@tensorflow/tfjs-core';
import type { KernelBackend, KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

/** What this needs of the WebAssembly backend beyond the general interface: tensors as places in its memory. */
interface WasmBackend extends KernelBackend {
  makeOutput(shape: readonly number[], dtype: string): TensorInfo;
  /** A view, valid until the next `makeOutput`, which may move the memory. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
}

type Inputs<Name extends string> = Record<Name, TensorInfo>;

/**
 * Makes the WebAssembly backend fit for training. A step of the recurrent recipe on 1,682 items takes 100 ms of CPU,
 * where it takes 360 if operands are only transposed beforehand (native: 40); and the gradient of a gather, which lacks
 * a kernel, works. Calling it again changes nothing.
 */
export function registerWasmTrainingKernels(tf: typeof TensorFlowCore): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  const kernel = (name: string): KernelFunc => tf.getKernel(name, 'wasm')!.kernelFunc;
  const replace = (name: string, kernelFunc: KernelFunc): void => {
    const original = tf.getKernel(name, 'wasm') as KernelConfig;
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({ ...original, kernelFunc });
  };
  replace('BatchMatMul', productByMatrix(kernel('BatchMatMul'), kernel('Transpose')));
  replace('Unpack', unpackInPlace(kernel('Unpack')));
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: segmentSum(kernel('Reshape'), kernel('ScatterNd')),
  });
}

/**
 * A product of stacks as one product per matrix. The backend's own path for stacks and for transposed operands is a
 * plain loop; its path for a single pair uses XNNPACK and is ten times as fast, transposing first included.
 */
function productByMatrix(product: KernelFunc, transpose: KernelFunc): KernelFunc {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const { a, b } = call.inputs as Inputs<'a' | 'b'>;
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const count = Math.max(matrixCount(a), matrixCount(b));
    const results: TensorInfo[] = [];
    for (let index = 0; index < count; index++) {
      const temporary: TensorInfo[] = [];
      const operand = (stack: TensorInfo, transposed: boolean): TensorInfo => {
        const matrix = copyMatrix(backend, stack, matrixCount(stack) === 1 ? 0 : index);
        temporary.push(matrix);
        if (!transposed) return matrix;
        const turned = transpose({ inputs: { x: matrix }, backend, attrs: { perm: [0, 2, 1] } }) as TensorInfo;
        temporary.push(turned);
        return turned;
      };
      const inputs = { a: operand(a, transposeA), b: operand(b, transposeB) };
      results.push(product({ inputs, backend, attrs: { transposeA: false, transposeB: false } }) as TensorInfo);
      for (const tensor of temporary) backend.disposeData(tensor.dataId);
    }
    const [, rows, columns] = results[0]!.shape as [number, number, number];
    const outer = [a, b].map(({ shape }) => shape.slice(0, -2)).sort((one, other) => other.length - one.length);
    const batch = outer.find((shape) => sizeOf(shape) === count)!;
    const output = backend.makeOutput([...batch, rows, columns], 'float32');
    const values = backend.typedArrayFromHeap(output);
    results.forEach((result, index) => {
      values.set(backend.typedArrayFromHeap(result), index * rows * columns);
      backend.disposeData(result.dataId);
    });
    return output;
  };
}

/** Takes a tensor apart along its first axis. The backend's own kernel copies the whole tensor for every part. */
function unpackInPlace(unpack: KernelFunc): KernelFunc {
  return (call) => {
    if ((call.attrs as { axis?: number } | undefined)?.axis !== 0) return unpack(call);
    const backend = call.backend as WasmBackend;
    const { value } = call.inputs as Inputs<'value'>;
    const [count, ...shape] = value.shape as [number, ...number[]];
    return Array.from({ length: count }, (_, index) => copyPart(backend, value, index * sizeOf(shape), shape));
  };
}

/** The sum of the rows of each segment, as a scatter that adds what falls in the same place. */
function segmentSum(reshape: KernelFunc, scatter: KernelFunc): KernelFunc {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const { x, segmentIds } = call.inputs as Inputs<'x' | 'segmentIds'>;
    const { numSegments } = call.attrs as unknown as { numSegments: number };
    const attrs = { shape: [sizeOf(segmentIds.shape), 1] };
    const indices = reshape({ inputs: { x: segmentIds }, backend, attrs }) as TensorInfo;
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const sum = scatter({ inputs: { indices, updates: x }, backend, attrs: { shape } });
    backend.disposeData(indices.dataId);
    return sum;
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const matrixCount = ({ shape }: TensorInfo): number => sizeOf(shape.slice(0, -2));

function copyMatrix(backend: WasmBackend, stack: TensorInfo, index: number): TensorInfo {
  const [rows, columns] = stack.shape.slice(-2) as [number, number];
  return copyPart(backend, stack, index * rows * columns, [1, rows, columns]);
}

function copyPart(backend: WasmBackend, source: TensorInfo, start: number, shape: readonly number[]): TensorInfo {
  const part = backend.makeOutput(shape, source.dtype);
  backend.typedArrayFromHeap(part).set(backend.typedArrayFromHeap(source).subarray(start, start + sizeOf(shape)));
  return part;
}
