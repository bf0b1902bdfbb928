/** Measures one scorer in a process of its own, so that its peak memory is its own. */
import { AttuneError } from '@attune/domain';
import {
  type Dataset,
  type EvaluationSettings,
  evaluateLeaveOneOut,
  evaluateSolution,
  heldOutUsers,
  ItemKnnRanker,
  leaveOneOut,
  loadTensorFlow,
  MarkovRanker,
  PopularityRanker,
  type Ranker,
  type RecipeName,
  repeatRate,
  type Sequences,
  type Split,
  type TensorFlow,
  train,
} from '@attune/recommender';
import { readAccuracyData } from './accuracyData';
import {
  type AccuracyAnswer,
  type AccuracyJob,
  type AccuracyResult,
  BASELINES,
  type Baseline,
  type CurvePoint,
  type ScorerResult,
} from './accuracyJob';

/** Items are masked where fewer interactions than this repeat one of the user's history. */
const REPEATS_OF_SINGLE_USE = 0.05;

const LAGS: Readonly<Record<string, readonly number[]>> = {
  'first-order Markov': [1],
  'Markov, lags 1 to 3': [1, 1 / 2, 1 / 3],
};

async function measure(job: AccuracyJob): Promise<AccuracyResult> {
  const { dataset, heldOut } = await readAccuracyData(job.files);
  const split = job.protocol === 'api' ? heldOutUsers(dataset, job.seed) : leaveOneOut(dataset, heldOut);
  const items = dataset.itemIds.length;
  const masked = job.maskSeen ?? repeatRate(dataset, items) < REPEATS_OF_SINGLE_USE;
  const isBaseline = (BASELINES as readonly string[]).includes(job.scorer);
  const tensorflow = isBaseline ? undefined : await loadTensorFlow();
  if (tensorflow) console.error(tensorflow.reason);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const curve: CurvePoint[] = [];
  const onEpoch = (validation: number) => curve.push({ seconds: (performance.now() - start) / 1000, validation });
  const scorers = tensorflow
    ? await trainModel(job, tensorflow, { dataset, split, excludeSeen: masked, onEpoch })
    : [scoreBaseline(job, split, { itemCount: items, excludeSeen: masked })];
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    scorers,
    users: split.test.length,
    items,
    masked,
    wallSeconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMemoryMib: process.resourceUsage().maxRSS / 1024,
    curve,
  };
}

function scoreBaseline(job: AccuracyJob, { training, test }: Split, settings: EvaluationSettings): ScorerResult {
  const ranker = makeBaseline(job.scorer as Baseline, training, settings.itemCount);
  const of = job.protocol === 'api' ? evaluateSolution : evaluateLeaveOneOut;
  return { name: job.scorer, metrics: { ...of(ranker, test, settings) }, details: {} };
}

function makeBaseline(name: Baseline, training: Sequences, items: number): Ranker {
  if (name === 'popularity') return new PopularityRanker(training, items);
  if (name === 'item-kNN') return new ItemKnnRanker(training, items);
  return new MarkovRanker(training, items, LAGS[name]);
}

/** Nothing is chosen on the test: stopping and mixing look at the validation items alone. */
async function trainModel(
  job: AccuracyJob,
  tensorflow: TensorFlow,
  { onEpoch, ...data }: { dataset: Dataset; split: Split; excludeSeen: boolean; onEpoch: (validation: number) => void },
): Promise<ScorerResult[]> {
  const { manifest } = await train({
    ...data,
    tensorflow,
    recipe: job.scorer as RecipeName,
    seed: job.seed,
    codeVersion: 'bench',
    now: () => performance.now(),
    learnHeldOut: false,
    ...(job.maxEpochs !== undefined && { maxEpochs: job.maxEpochs }),
    onStory: ({ curve }) => {
      const last = curve.at(-1);
      if (!last) return;
      console.error(`${job.scorer}, seed ${job.seed}: ${JSON.stringify(last)}`);
      onEpoch(last.validation);
    },
  });
  const { metrics, mixingWeight, bestEpoch, learningCurve, backend } = manifest;
  const details = { backend, epochs: learningCurve.length, best_epoch: bestEpoch };
  const of = (part: 'model' | 'network') => ({ ...(job.protocol === 'api' ? metrics : metrics.nextItem)[part] });
  return [
    { name: job.scorer, metrics: of('model'), details: { ...details, mixing_weight: mixingWeight } },
    { name: `${job.scorer}, network alone`, metrics: of('network'), details },
  ];
}

const answer = (message: AccuracyAnswer) => process.send?.(message, () => process.disconnect());

measure(JSON.parse(process.argv[2] ?? '{}') as AccuracyJob).then(answer, (error: Error) =>
  answer({ failure: error instanceof AttuneError ? error.message : String(error.stack) }),
);
