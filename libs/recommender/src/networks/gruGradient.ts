import { type GruParameter, gruSizesOf } from './gru';
import { multiply } from './matrixVector';
import type { NamedTensors } from './parameterSet';

/** One step's gates, and the state that it started from: each [hidden]. */
interface Step {
  readonly before: Float32Array;
  readonly update: Float32Array;
  readonly reset: Float32Array;
  readonly candidate: Float32Array;
  /** h U_n, before the reset gate. */
  readonly recurrent: Float32Array;
}

/**
 * The gradient of `output . direction` by the input of each step, where output is what the network says after the last:
 * back-propagation through time over a whole history. About 0.2 ms a step at the default size.
 * @param weights of `gruShapes`, which has the equations
 * @param inputs the vectors of the events, oldest first: each [embedding]
 * @param direction [embedding]
 * @returns one for each input: [embedding]
 */
export function gruInputGradients(
  weights: NamedTensors,
  inputs: readonly Float32Array[],
  direction: Float32Array,
): Float32Array[] {
  const { hidden } = gruSizesOf(weights);
  const steps = forward(weights, inputs, hidden);
  const gradients: Float32Array[] = new Array(inputs.length);
  let byState: Float32Array = new Float32Array(hidden);
  multiply(dataOf(weights, 'projection.weights'), direction, byState);
  for (let index = steps.length - 1; index >= 0; index--) {
    const { before, update, reset, candidate, recurrent } = steps[index]!;
    const byGates = [new Float32Array(hidden), new Float32Array(hidden), new Float32Array(hidden)] as const;
    const byRecurrent = new Float32Array(hidden);
    const direct = new Float32Array(hidden);
    for (let unit = 0; unit < hidden; unit++) {
      const [z, r, n, given] = [update[unit]!, reset[unit]!, candidate[unit]!, byState[unit]!];
      const throughCandidate = given * (1 - z) * (1 - n * n);
      byGates[0][unit] = given * (before[unit]! - n) * z * (1 - z);
      byGates[1][unit] = throughCandidate * recurrent[unit]! * r * (1 - r);
      byGates[2][unit] = throughCandidate;
      byRecurrent[unit] = throughCandidate * r;
      direct[unit] = given * z;
    }
    gradients[index] = backThrough(dataOf(weights, 'gru.input_weights'), byGates, inputs[index]!.length);
    byState = backThrough(dataOf(weights, 'gru.hidden_weights'), [byGates[0], byGates[1], byRecurrent], hidden);
    for (let unit = 0; unit < hidden; unit++) byState[unit]! += direct[unit]!;
  }
  return gradients;
}

function forward(weights: NamedTensors, inputs: readonly Float32Array[], hidden: number): Step[] {
  const [inputWeights, hiddenWeights] = [dataOf(weights, 'gru.input_weights'), dataOf(weights, 'gru.hidden_weights')];
  const gateBias = dataOf(weights, 'gru.bias');
  let state = new Float32Array(hidden);
  return inputs.map((input) => {
    const [forUpdate, forReset, forCandidate] = gateSums(inputWeights, input, hidden);
    const [hiddenUpdate, hiddenReset, recurrent] = gateSums(hiddenWeights, state, hidden);
    const before = state;
    const [update, reset, candidate] = [
      new Float32Array(hidden),
      new Float32Array(hidden),
      new Float32Array(hidden),
    ] as const;
    state = new Float32Array(hidden);
    for (let unit = 0; unit < hidden; unit++) {
      const bias = (gate: number) => gateBias[gate * hidden + unit]!;
      update[unit] = sigmoid(forUpdate[unit]! + bias(0) + hiddenUpdate[unit]!);
      reset[unit] = sigmoid(forReset[unit]! + bias(1) + hiddenReset[unit]!);
      candidate[unit] = Math.tanh(forCandidate[unit]! + bias(2) + reset[unit]! * recurrent[unit]!);
      state[unit] = candidate[unit]! + update[unit]! * (before[unit]! - candidate[unit]!);
    }
    return { before, update, reset, candidate, recurrent };
  });
}

type OfGates = readonly [Float32Array, Float32Array, Float32Array];

/** vector times each gate's matrix. @param stack [3, vector.length, hidden] */
function gateSums(stack: Float32Array, vector: Float32Array, hidden: number): OfGates {
  const sums = [new Float32Array(hidden), new Float32Array(hidden), new Float32Array(hidden)] as const;
  sums.forEach((sum, gate) => {
    let at = gate * vector.length * hidden;
    for (const value of vector) for (let unit = 0; unit < hidden; unit++, at++) sum[unit]! += value * stack[at]!;
  });
  return sums;
}

/** The sum over gates of each matrix times its gradient. @param stack [3, length, hidden] @returns [length] */
function backThrough(stack: Float32Array, byGates: OfGates, length: number): Float32Array {
  const total = new Float32Array(length);
  const part = new Float32Array(length);
  byGates.forEach((gradient, gate) => {
    const size = length * gradient.length;
    multiply(stack.subarray(gate * size, (gate + 1) * size), gradient, part);
    for (let i = 0; i < length; i++) total[i]! += part[i]!;
  });
  return total;
}

const dataOf = (weights: NamedTensors, name: GruParameter): Float32Array => weights[name]!.data;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
