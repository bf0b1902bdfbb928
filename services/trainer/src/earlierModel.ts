import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSolutionVersion, latestGoodVersion, type SolutionVersion } from '@attune/database';
import { ResourceNotFoundError } from '@attune/domain';
import { ARTIFACT_FILES } from '@attune/recommender';
import { TrainingFailedError } from './runTrainingProcess';
import type { TrainingParts } from './trainingParts';

/** A model on this machine that a training goes on from, or is measured beside. */
export interface EarlierModel {
  arn: string;
  /** Holds the artifact's files. */
  folder: string;
}

/**
 * Brings the artifact of the version before into a folder: for an update its base, for a full training what it would
 * replace.
 * @param arn of the version before, where that was decided already
 * @returns undefined for the first training of a solution, or where an artifact of an older kind can't be compared
 * @throws TrainingFailedError where the base of an update lacks a file
 */
export async function fetchEarlierModel(
  parts: TrainingParts,
  version: SolutionVersion,
  workFolder: string,
  arn?: string,
): Promise<EarlierModel | undefined> {
  const { database, objects, logger } = parts;
  const { baseArn } = version;
  const known = arn ?? baseArn;
  const earlier = known
    ? await findSolutionVersion(database, known)
    : await latestGoodVersion(database, version.solutionArn);
  if (!earlier) return undefined;
  const folder = join(workFolder, 'earlier');
  await mkdir(folder);
  for (const name of ARTIFACT_FILES) {
    const uri = `${earlier.artifactUri}/${name}`;
    try {
      await writeFile(join(folder, name), await objects.get(uri));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundError)) throw error;
      if (!baseArn) {
        logger.warn({ err: error, solutionVersion: version.arn, earlier: earlier.arn }, 'training is not compared');
        return undefined;
      }
      throw new TrainingFailedError(
        `The version ${baseArn}, which this one updates, has no ${uri}. Create a version with trainingMode FULL.`,
      );
    }
  }
  return { arn: earlier.arn, folder };
}
