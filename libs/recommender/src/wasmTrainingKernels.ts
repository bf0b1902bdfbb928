import type * as TensorFlowCore from '@tensorflow/tfjs-core';
import type {
  BatchMatMulAttrs,
  KernelBackend,
  KernelFunc,
  TensorInfo,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';

/**
 * Makes the WebAssembly backend fit for training. Its matrix product with a transposed operand is ten times slower
 * than transposing first, and the sum that the gradient of a gather needs, UnsortedSegmentSum, is missing. Calling it
 * again changes nothing.
 */
export function registerWasmTrainingKernels(tf: typeof TensorFlowCore): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  const kernel = (name: string): KernelFunc => tf.getKernel(name, 'wasm')!.kernelFunc;
  const [transpose, reshape, scatter] = [kernel('Transpose'), kernel('Reshape'), kernel('ScatterNd')];

  const swapLastAxes = (x: TensorInfo, backend: KernelBackend): TensorInfo => {
    const rank = x.shape.length;
    const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
    return transpose({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
  };

  const product = tf.getKernel('BatchMatMul', 'wasm')!;
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...product,
    kernelFunc: (call) => {
      const backend = call.backend as KernelBackend;
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs;
      const left = transposeA ? swapLastAxes(a, backend) : a;
      const right = transposeB ? swapLastAxes(b, backend) : b;
      const attrs = { transposeA: false, transposeB: false };
      const result = product.kernelFunc({ inputs: { a: left, b: right }, backend, attrs });
      if (left !== a) backend.disposeData(left.dataId);
      if (right !== b) backend.disposeData(right.dataId);
      return result;
    },
  });

  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: (call) => {
      const backend = call.backend as KernelBackend;
      const { x, segmentIds } = call.inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const { numSegments } = call.attrs as unknown as UnsortedSegmentSumAttrs;
      const count = segmentIds.shape.reduce((product, size) => product * size, 1);
      const indices = reshape({ inputs: { x: segmentIds }, backend, attrs: { shape: [count, 1] } }) as TensorInfo;
      const result = scatter({
        inputs: { indices, updates: x },
        backend,
        attrs: { shape: [numSegments, ...x.shape.slice(1)] },
      });
      backend.disposeData(indices.dataId);
      return result;
    },
  });
}
