import type { DatasetGroupName } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import { decodeArtifact, Scorer, SERVING_FILES } from '@attune/recommender';

/** A solution version, ready to score. */
export interface ServedModel {
  solutionVersionArn: string;
  datasetGroup: DatasetGroupName;
  scorer: Scorer;
}

/** Which artifact to load. */
export interface ModelSource {
  solutionVersionArn: string;
  datasetGroup: DatasetGroupName;
  /** The folder of the artifact, without a slash at its end. */
  artifactUri: string;
}

/** How far the probabilities of a sound model may sum up to something else than 1: single precision over a million items. */
const SUM_TOLERANCE = 1e-3;

/**
 * Reads an artifact, checks it, and scores once, so that the first request finds warm code and a sound model.
 * @throws ResourceNotFoundError where a file is missing
 * @throws InvalidInputError where the artifact is damaged
 */
export async function loadModel(objects: ObjectStore, source: ModelSource): Promise<ServedModel> {
  const files = await Promise.all(
    SERVING_FILES.map(async (name) => [name, await objects.get(`${source.artifactUri}/${name}`)] as const),
  );
  const scorer = new Scorer(decodeArtifact(new Map(files)));
  // The first look-up of an item builds the index of all.
  const item = scorer.items.indexOf(scorer.items.ids[0] ?? '');
  if (item === undefined) throw new Error(`The model of ${source.solutionVersionArn} knows no items.`);
  const afterOneEvent = scorer.advance(scorer.initialState(), { item, timestamp: 0 });
  const sum = scorer.score(afterOneEvent).reduce((total, score) => total + score, 0);
  if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
    throw new Error(`The model of ${source.solutionVersionArn} scores to a sum of ${sum}, which must be 1.`);
  }
  const { solutionVersionArn, datasetGroup } = source;
  return { solutionVersionArn, datasetGroup, scorer };
}
