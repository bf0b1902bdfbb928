import type { DatasetGroupName } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import {
  ApproximateScoring,
  decodeArtifact,
  ExactScoring,
  type ItemScoring,
  type NewItem,
  Random,
  Scorer,
  SERVING_FILES,
  withNewItems,
} from '@attune/recommender';
import type { Logger } from '@attune/service';
import { buildItemIndex } from './itemIndex';

/** A solution version, ready to score. */
export interface ServedModel {
  solutionVersionArn: string;
  datasetGroup: DatasetGroupName;
  scorer: Scorer;
  /** The scoring that is ready now: exact while the index of a large catalogue is built. */
  scoring(): ItemScoring;
  /** Settles when nothing better than `scoring` is to come. */
  ready: Promise<void>;
  /** The latest interaction that the model was trained on, in milliseconds since the epoch. */
  latest: number;
  /** How often items that came later were added to it. */
  generation: number;
  close(): Promise<void>;
}

/** How a model is made to serve. */
export interface ServingOptions {
  logger: Logger;
  /** Items up to which every request scores all of them; beyond, an index finds the candidates. @default 100,000 */
  mostExactItems?: number | undefined;
}

/** All of 100,000 items take some 5 ms of the event loop a list; docs/benchmarks.md has the figures. */
const MOST_EXACT_ITEMS = 100_000;

/** Which artifact to load. */
export interface ModelSource {
  solutionVersionArn: string;
  datasetGroup: DatasetGroupName;
  /** The folder of the artifact, without a slash at its end. */
  artifactUri: string;
}

/** Any will do; the same one gives every server the same scores. */
const SAMPLE_SEED = 1;

/** How far the probabilities of a sound model may sum up to something else than 1: single precision over a million items. */
const SUM_TOLERANCE = 1e-3;

/**
 * Reads an artifact, checks it, and scores once, so that the first request finds warm code and a sound model.
 * @throws ResourceNotFoundError where a file is missing
 * @throws InvalidInputError where the artifact is damaged
 */
export async function loadModel(
  objects: ObjectStore,
  source: ModelSource,
  options: ServingOptions,
): Promise<ServedModel> {
  const files = await Promise.all(
    SERVING_FILES.map(async (name) => [name, await objects.get(`${source.artifactUri}/${name}`)] as const),
  );
  const model = decodeArtifact(new Map(files));
  const scorer = new Scorer(model);
  // The first look-up of an item builds the index of all.
  const item = scorer.items.indexOf(scorer.items.ids[0] ?? '');
  if (item === undefined) throw new Error(`The model of ${source.solutionVersionArn} knows no items.`);
  const afterOneEvent = scorer.advance(scorer.initialState(), { item, timestamp: 0 });
  const sum = scorer.score(afterOneEvent).reduce((total, score) => total + score, 0);
  if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
    throw new Error(`The model of ${source.solutionVersionArn} scores to a sum of ${sum}, which must be 1.`);
  }
  const { solutionVersionArn, datasetGroup } = source;
  const latest = model.manifest.trainingWindow.lastTimestamp;
  return { solutionVersionArn, datasetGroup, scorer, latest, generation: 0, ...scoringOf(scorer, source, options) };
}

/**
 * The same model with items that came after its training, ranked by their metadata. The given one goes on serving until the
 * new one is ready, and is to be closed then.
 */
export function withLaterItems(model: ServedModel, items: readonly NewItem[], options: ServingOptions): ServedModel {
  const scorer = new Scorer(withNewItems(model.scorer.model, items));
  scorer.items.indexOf('');
  return { ...model, scorer, generation: model.generation + 1, ...scoringOf(scorer, model, options) };
}

function scoringOf(
  scorer: Scorer,
  { solutionVersionArn }: Pick<ModelSource, 'solutionVersionArn'>,
  { logger, mostExactItems = MOST_EXACT_ITEMS }: ServingOptions,
): Pick<ServedModel, 'scoring' | 'ready' | 'close'> {
  let scoring: ItemScoring = new ExactScoring(scorer);
  if (scorer.items.ids.length <= mostExactItems) {
    return { scoring: () => scoring, ready: Promise.resolve(), close: async () => {} };
  }
  const startedAt = performance.now();
  const index = buildItemIndex(scorer.model.weights);
  const ready = index.ready.then(
    () => {
      scoring = new ApproximateScoring(scorer, index, new Random(SAMPLE_SEED));
      const seconds = (performance.now() - startedAt) / 1000;
      logger.info({ solutionVersionArn, items: scorer.items.ids.length, seconds }, 'item index is ready');
    },
    (error: unknown) => {
      logger.error({ err: error, solutionVersionArn }, 'no item index: the whole catalogue is scored for each list');
    },
  );
  return { scoring: () => scoring, ready, close: () => index.close() };
}
