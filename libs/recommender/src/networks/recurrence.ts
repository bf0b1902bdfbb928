import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './tensorflow';

/** Where, in a step, some lanes begin a new history: [lanes, 1], 0 in those and 1 elsewhere. Absent where none does. */
export type Keep = Tensor2D | undefined;

/** What the backward pass needs of a forward pass. All tensors are [steps, lanes, hidden]. */
export interface RecurrenceTrace {
  readonly update: Tensor3D;
  readonly reset: Tensor3D;
  readonly candidate: Tensor3D;
  /** h U_n, before the reset gate. */
  readonly recurrentCandidate: Tensor3D;
  /** The state that each step started from, after new histories were set to zero. */
  readonly before: Tensor3D;
  readonly after: Tensor3D;
}

/** Gradients of the loss by the recurrence's inputs and weights. */
export interface RecurrenceGradient {
  /** By x W + b of the gates: [3, steps * lanes, hidden] */
  readonly inputs: Tensor3D;
  /** [3, hidden, hidden] */
  readonly hiddenWeights: Tensor3D;
}

/** One step's gates and the state after it, all [lanes, hidden]. */
type Step = Readonly<Record<Exclude<keyof RecurrenceTrace, 'before'>, Tensor>>;

/**
 * Runs the GRU over the steps of many lanes at once, keeping what `recurBackward` needs.
 *
 * Eager TensorFlow costs about 13 microseconds an operation at this size, so a step has as few as the equations allow;
 * gates lie on the first axis, where taking them apart copies nothing (on the last axis it costs 40).
 * @param inputs x W + b of the gates: [3, steps * lanes, hidden], a step's lanes together
 * @param hiddenWeights [3, hidden, hidden]
 * @param initial [lanes, hidden]
 * @param keeps one per step
 */
export function recur(
  tensorflow: TensorFlow,
  inputs: Tensor3D,
  hiddenWeights: Tensor3D,
  initial: Tensor2D,
  keeps: readonly Keep[],
): RecurrenceTrace {
  const { tf } = tensorflow;
  const gates = inputsByStep(tensorflow, inputs, keeps.length);
  const steps: Step[] = [];
  const before: Tensor[] = [];
  let state: Tensor = initial;
  for (const [index, keep] of keeps.entries()) {
    if (keep) state = tf.mul(state, keep);
    before.push(state);
    const step = stepOf(tensorflow, gates, index, hiddenWeights, state);
    steps.push(step);
    state = step.after;
  }
  const stack = (name: keyof Step) => tf.stack(steps.map((step) => step[name])) as Tensor3D;
  return {
    update: stack('update'),
    reset: stack('reset'),
    candidate: stack('candidate'),
    recurrentCandidate: stack('recurrentCandidate'),
    before: tf.stack(before) as Tensor3D,
    after: stack('after'),
  };
}

/** The state after the last step: `recur` from the zero state, with nothing kept on the way. */
export function lastState(
  tensorflow: TensorFlow,
  inputs: Tensor3D,
  hiddenWeights: Tensor3D,
  keeps: readonly Keep[],
): Tensor2D {
  const { tf } = tensorflow;
  const [, rows, hidden] = inputs.shape;
  const gates = inputsByStep(tensorflow, inputs, keeps.length);
  let state: Tensor = tf.zeros([rows / keeps.length, hidden]);
  for (const [index, keep] of keeps.entries()) {
    const previous = state;
    state = tf.tidy(() => {
      const kept = keep ? tf.mul(previous, keep) : previous;
      return stepOf(tensorflow, gates, index, hiddenWeights, kept).after;
    });
    previous.dispose();
  }
  return state as Tensor2D;
}

/** By gate, by step: [lanes, hidden]. */
function inputsByStep({ tf }: TensorFlow, inputs: Tensor3D, steps: number): Tensor[][] {
  const [, rows, hidden] = inputs.shape;
  return tf.unstack(inputs).map((gate) => tf.unstack(tf.reshape(gate, [steps, rows / steps, hidden])));
}

function stepOf({ tf }: TensorFlow, gates: Tensor[][], index: number, hiddenWeights: Tensor3D, state: Tensor): Step {
  const [forUpdate, forReset, forCandidate] = tf.unstack(tf.matMul(state, hiddenWeights)) as [Tensor, Tensor, Tensor];
  const update = tf.sigmoid(tf.add(gates[0]![index]!, forUpdate));
  const reset = tf.sigmoid(tf.add(gates[1]![index]!, forReset));
  const candidate = tf.tanh(tf.add(gates[2]![index]!, tf.mul(reset, forCandidate)));
  const after = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
  return { update, reset, candidate, recurrentCandidate: forCandidate, after };
}

/**
 * Back-propagation through the steps of one chunk. The gradient of every gate is the gradient of the state times a
 * coefficient that the forward pass already fixed, so all coefficients are made at once, and the loop that has to go
 * step by step is left with one product of matrices and a handful of operations.
 * @param outputGradients by the state after each step: [steps, lanes, hidden]
 */
export function recurBackward(
  { tf }: TensorFlow,
  trace: RecurrenceTrace,
  hiddenWeights: Tensor3D,
  keeps: readonly Keep[],
  outputGradients: Tensor3D,
): RecurrenceGradient {
  const { update, reset, candidate, recurrentCandidate, before } = trace;
  const [steps, lanes, hidden] = before.shape;
  const throughCandidate = tf.mul(tf.sub(1, update), tf.sub(1, tf.square(candidate)));
  const throughRecurrent = tf.mul(throughCandidate, reset);
  const throughReset = tf.mul(tf.mul(throughRecurrent, recurrentCandidate), tf.sub(1, reset));
  const throughUpdate = tf.mul(tf.sub(before, candidate), tf.mul(update, tf.sub(1, update)));

  const coefficients = tf.unstack(tf.stack([throughUpdate, throughReset, throughRecurrent], 1));
  const direct = tf.unstack(update);
  const upstream = tf.unstack(outputGradients);
  const stateGradients: Tensor[] = new Array(steps);
  let carried: Tensor | undefined;
  for (let step = steps - 1; step >= 0; step--) {
    const gradient: Tensor = carried ? tf.add(upstream[step]!, carried) : upstream[step]!;
    stateGradients[step] = gradient;
    if (step === 0) break;
    const throughGates = tf.sum(tf.matMul(tf.mul(gradient, coefficients[step]!), hiddenWeights, false, true), 0);
    carried = tf.add(throughGates, tf.mul(gradient, direct[step]!));
    const keep = keeps[step];
    if (keep) carried = tf.mul(carried, keep);
  }

  const gradients = tf.stack(stateGradients);
  const byGate = (coefficient: Tensor) => tf.reshape(tf.mul(gradients, coefficient), [steps * lanes, hidden]);
  const [byUpdate, byReset] = [byGate(throughUpdate), byGate(throughReset)];
  const recurrent = tf.stack([byUpdate, byReset, byGate(throughRecurrent)]);
  return {
    inputs: tf.stack([byUpdate, byReset, byGate(throughCandidate)]) as Tensor3D,
    hiddenWeights: tf.matMul(tf.reshape(before, [steps * lanes, hidden]), recurrent, true, false) as Tensor3D,
  };
}
