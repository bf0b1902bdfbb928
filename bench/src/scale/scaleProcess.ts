/** Trains on generated data in a process of its own, so that its peak memory is its own. */
import { type Dataset, DatasetBuilder, loadTensorFlow, Random, train } from '@attune/recommender';
import type { ScaleJob, ScaleResult } from './scaleJob';

const EVENTS_OF_A_USER = 50;

/**
 * Users who mostly go on to a neighbour of the last item, else to another: popular ones come often, as the square of an even draw
 * has it. Every item is declared, touched or not.
 */
function generate({ interactions, items }: ScaleJob): Dataset {
  const random = new Random(1);
  const builder = new DatasetBuilder();
  for (let item = 0; item < items; item++) builder.addItem(`item-${item}`);
  for (let event = 0, item = 0; event < interactions; event++) {
    const begins = event % EVENTS_OF_A_USER === 0;
    const near = (item + 1 + Math.floor(5 * random.uniform())) % items;
    item = begins || random.uniform() < 0.3 ? Math.floor(items * random.uniform() ** 2) : near;
    const userId = `user-${Math.floor(event / EVENTS_OF_A_USER)}`;
    builder.addInteraction({ userId, itemId: `item-${item}`, timestamp: 1_700_000_000_000 + event * 1000 });
  }
  return builder.build();
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function measure(job: ScaleJob): Promise<ScaleResult> {
  const begun = performance.now();
  const dataset = generate(job);
  const datasetSeconds = (performance.now() - begun) / 1000;
  const tensorflow = await loadTensorFlow();
  const readings: { cpu: number; at: number; batches: number }[] = [];
  let firstBatchAt: number | undefined;
  let batch = 0;
  let batchesOfEpoch = 0;
  const cpuBefore = cpuSeconds();
  await train({
    dataset,
    tensorflow,
    recipe: job.recipe,
    seed: 1,
    codeVersion: 'bench',
    // The clock of the time budget starts with the first batch: what is done once is never cut.
    now: () => (firstBatchAt === undefined ? 0 : performance.now() - firstBatchAt),
    maxEpochs: 1,
    learnHeldOut: false,
    timeBudgetSeconds: job.secondsOfLearning,
    onProgress: (progress) => {
      if (progress.phase !== 'training') return;
      firstBatchAt ??= performance.now();
      ({ batch, batches: batchesOfEpoch } = progress);
      const reading = { cpu: cpuSeconds(), at: performance.now(), batches: batch };
      // The first batch makes room in TensorFlow; the others tell what one costs.
      readings.splice(1, readings.length < 2 ? 0 : 1, reading);
    },
  });
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const perBatch = last.batches - first.batches;
  if (perBatch === 0) throw new Error('Only one batch was learned: give more --seconds.');
  const learningCpuSeconds = ((last.cpu - first.cpu) / perBatch) * batch;
  return {
    datasetSeconds,
    batches: batch,
    batchesOfEpoch: Math.max(batch, batchesOfEpoch),
    learningCpuSeconds,
    learningSeconds: ((last.at - first.at) / 1000 / perBatch) * batch,
    otherCpuSeconds: cpuSeconds() - cpuBefore - learningCpuSeconds,
    peakMemoryMib: process.resourceUsage().maxRSS / 1024,
  };
}

measure(JSON.parse(process.argv[2] ?? '{}') as ScaleJob).then(
  (result) => process.send?.(result, () => process.disconnect()),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
