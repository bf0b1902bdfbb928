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

/**
 * Runs the GRU over the steps of many lanes at once.
 *
 * Eager TensorFlow costs about 13 microseconds an operation at this size, so the loop has as few as the equations
 * allow; gates lie on the first axis, where taking them apart copies nothing (on the last axis it costs 40).
 * @param inputs x W + b of the gates: [3, steps * lanes, hidden], a step's lanes together
 * @param hiddenWeights [3, hidden, hidden]
 * @param initial [lanes, hidden]
 * @param keeps one per step
 */
export function recur(
  { tf }: TensorFlow,
  inputs: Tensor3D,
  hiddenWeights: Tensor3D,
  initial: Tensor2D,
  keeps: readonly Keep[],
): RecurrenceTrace {
  const [lanes, hidden] = initial.shape;
  const [updates, resets, candidates] = tf
    .unstack(inputs)
    .map((gate) => tf.unstack(tf.reshape(gate, [keeps.length, lanes, hidden]))) as [Tensor[], Tensor[], Tensor[]];
  const trace: Record<keyof RecurrenceTrace, Tensor[]> = {
    update: [],
    reset: [],
    candidate: [],
    recurrentCandidate: [],
    before: [],
    after: [],
  };
  let state: Tensor = initial;
  for (const [step, keep] of keeps.entries()) {
    if (keep) state = tf.mul(state, keep);
    trace.before.push(state);
    const [forUpdate, forReset, forCandidate] = tf.unstack(tf.matMul(state, hiddenWeights)) as [Tensor, Tensor, Tensor];
    const update = tf.sigmoid(tf.add(updates[step]!, forUpdate));
    const reset = tf.sigmoid(tf.add(resets[step]!, forReset));
    const candidate = tf.tanh(tf.add(candidates[step]!, tf.mul(reset, forCandidate)));
    state = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
    trace.update.push(update);
    trace.reset.push(reset);
    trace.candidate.push(candidate);
    trace.recurrentCandidate.push(forCandidate);
    trace.after.push(state);
  }
  const stack = (steps: Tensor[]) => tf.stack(steps) as Tensor3D;
  return {
    update: stack(trace.update),
    reset: stack(trace.reset),
    candidate: stack(trace.candidate),
    recurrentCandidate: stack(trace.recurrentCandidate),
    before: stack(trace.before),
    after: stack(trace.after),
  };
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
