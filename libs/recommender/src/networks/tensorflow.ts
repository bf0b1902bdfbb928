import util from 'node:util';
import { UnavailableError } from '@attune/domain';
import type * as TensorFlowCore from '@tensorflow/tfjs-core';
import { registerWasmTrainingKernels } from './wasmTrainingKernels';

export type TensorFlowBackend = 'native' | 'wasm';

/** TensorFlow.js, ready to train. */
export interface TensorFlow {
  readonly tf: typeof TensorFlowCore;
  readonly backend: TensorFlowBackend;
  /** One line for the log: which backend, and why this one. */
  readonly reason: string;
}

/**
 * Loads TensorFlow.js on the fastest backend there is: the native library through @tensorflow/tfjs-node, else
 * WebAssembly, which needs two and a half times the CPU time for a training step, on one core, and gives the same losses.
 * @param options.prefer 'wasm' leaves the native library alone; 'native' fails where it can't be loaded
 * @throws UnavailableError where no backend can be loaded; the message holds each one's reason
 */
export async function loadTensorFlow(options: { prefer?: TensorFlowBackend } = {}): Promise<TensorFlow> {
  const failures: string[] = [];
  if (options.prefer !== 'wasm') {
    try {
      return await loadNative();
    } catch (error) {
      failures.push(`native: ${firstLine(error)}`);
    }
  }
  if (options.prefer !== 'native') {
    try {
      return await loadWasm(failures[0] ?? 'asked for');
    } catch (error) {
      failures.push(`wasm: ${firstLine(error)}`);
    }
  }
  throw new UnavailableError(
    `TensorFlow.js has no backend to train on (${failures.join('; ')}). Run "npm run setup:native", or reinstall the packages.`,
  );
}

async function loadNative(): Promise<TensorFlow> {
  restoreRemovedUtilities();
  // TensorFlow writes its start-up notes to stderr unless told to keep to errors.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // oneDNN's kernels take 87 us to start where Eigen's product of a small batch takes 22, and gain nothing on large ones.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  require('@tensorflow/tfjs-node');
  const tf = require('@tensorflow/tfjs-core') as typeof TensorFlowCore;
  if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend did not initialise');
  return { tf, backend: 'native', reason: 'TensorFlow runs on the native library.' };
}

async function loadWasm(whyNotNative: string): Promise<TensorFlow> {
  const tf = require('@tensorflow/tfjs-core') as typeof TensorFlowCore;
  require('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend did not initialise');
  registerWasmTrainingKernels(tf);
  return { tf, backend: 'wasm', reason: `TensorFlow runs on WebAssembly (${whyNotNative}).` };
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
