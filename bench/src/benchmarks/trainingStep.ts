import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DatasetBuilder,
  loadTensorFlow,
  parseHyperparameters,
  Random,
  type RecipeName,
  train,
} from '@attune/recommender';
import { printFigure } from '../figure';

export const description =
  'CPU time of one training step of the GRU and of the transformer, beside the same networks in PyTorch';

const EMBEDDING = 64;
const THREADS = 2;
/** The first epoch warms up. */
const COUNTED_EPOCH = 2;

/** As many interactions as give the plan the lanes named beside them. */
const SIZES = [
  { items: 1_700, interactions: 100_000, lanes: 32 },
  { items: 9_700, interactions: 100_000, lanes: 32 },
];

/** What the plan of the transformer gives as many interactions of 1,000 users. */
const [WINDOWS, WINDOW] = [10, 99];

/** The peer runs where `ATTUNE_PYTHON` (else python3) has torch; else ours is printed alone. */
export async function run(): Promise<void> {
  const { hidden_dimension: hidden, bptt: steps } = parseHyperparameters();
  for (const { items, interactions, lanes } of SIZES) {
    const ours = await stepSeconds('aws-user-personalization', items, interactions);
    const peer = await peerStepSeconds('gru', [items, EMBEDDING, hidden, lanes, steps, THREADS]);
    report(ours, peer, `GRU, ${items} items, hidden ${hidden}, ${lanes} lanes of ${steps} steps`);
  }
  for (const { items, interactions } of SIZES) {
    const ours = await stepSeconds('aws-user-personalization-v2', items, interactions);
    const peer = await peerStepSeconds('transformer', [items, EMBEDDING, 2 * EMBEDDING, WINDOWS, WINDOW, THREADS]);
    report(ours, peer, `transformer, ${items} items, 2 layers of ${EMBEDDING}, ${WINDOWS} windows of ${WINDOW} events`);
  }
}

function report(seconds: number, peer: PeerStep | undefined, what: string): void {
  printFigure({
    name: 'training_step_cpu',
    value: seconds * 1000,
    unit: `ms of CPU (${what})`,
    ...(peer && { peer: `PyTorch ${peer.version}`, peerValue: peer.cpu_seconds * 1000 }),
  });
}

async function stepSeconds(recipe: RecipeName, items: number, interactions: number): Promise<number> {
  const random = new Random(1);
  const builder = new DatasetBuilder();
  for (let event = 0; event < interactions; event++) {
    const item = Math.floor(random.uniform() * items);
    builder.addInteraction({ userId: `u${event % 1000}`, itemId: `i${item}`, timestamp: event });
  }
  const stop = new AbortController();
  const readings: { cpu: number; batches: number }[] = [];
  let batches = 0;
  const trained = train({
    dataset: builder.build(),
    recipe,
    tensorflow: await loadTensorFlow(),
    seed: 1,
    codeVersion: 'bench',
    now: () => performance.now(),
    signal: stop.signal,
    onProgress: ({ phase, epoch }) => {
      if (phase !== 'training' || epoch === 1) return;
      const { user, system } = process.cpuUsage();
      const reading = { cpu: (user + system) / 1e6, batches: ++batches };
      // Between two epochs lies a validation, which is no part of a step.
      if (epoch === COUNTED_EPOCH) readings.push(reading);
      if (epoch > COUNTED_EPOCH) stop.abort(new Error('measured'));
    },
  });
  await trained.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const [first, last] = [readings.at(0), readings.at(-1)];
  if (!first || !last) throw new Error('Training ended before it was measured.');
  return (last.cpu - first.cpu) / (last.batches - first.batches);
}

interface PeerStep {
  cpu_seconds: number;
  version: string;
}

async function peerStepSeconds(network: string, sizes: readonly number[]): Promise<PeerStep | undefined> {
  const script = join(__dirname, '..', '..', 'python', 'training_step.py');
  try {
    const { stdout } = await promisify(execFile)(process.env.ATTUNE_PYTHON ?? 'python3', [
      script,
      network,
      ...sizes.map(String),
    ]);
    return JSON.parse(stdout);
  } catch (error) {
    console.error(`no peer: ${(error as Error).message.split('\n').at(-2) ?? error}`);
    return undefined;
  }
}
