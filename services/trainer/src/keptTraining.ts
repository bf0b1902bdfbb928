import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataMark } from '@attune/database';
import { ResourceNotFoundError } from '@attune/domain';
import type { TrainingParts } from './trainingParts';

/** What a training was begun with, beside its data: another trainer that goes on with it needs the same. */
export interface TrainingBeginning {
  dataMark: DataMark;
  /** The version before, which it goes on from or is measured beside. */
  earlierArn?: string;
}

export const [DATASET_FILE, CHECKPOINT_FILE] = ['dataset.safetensors', 'checkpoint'] as const;
const BEGINNING_FILE = 'beginning.json';

type Parts = Pick<TrainingParts, 'objects' | 'artifactRoot' | 'logger'>;

const folderOf = ({ artifactRoot }: Parts, arn: string) =>
  `${artifactRoot}/checkpoints/${arn.split('/').slice(1).join('/')}`;

/** Keeps checkpoints of a training in the object store, one at a time; the data goes with the first. */
export function keepCheckpoints(
  parts: Parts,
  arn: string,
  folder: string,
  beginning: TrainingBeginning,
): { keep(): void; settled(): Promise<void> } {
  const uri = folderOf(parts, arn);
  let begun = false;
  const put = async () => {
    if (!begun) {
      await parts.objects.put(`${uri}/${DATASET_FILE}`, await readFile(join(folder, DATASET_FILE)));
      await parts.objects.put(`${uri}/${BEGINNING_FILE}`, Buffer.from(JSON.stringify(beginning)));
      begun = true;
    }
    // The last of the files: a training can go on only where all are there.
    await parts.objects.put(`${uri}/${CHECKPOINT_FILE}`, await readFile(join(folder, CHECKPOINT_FILE)));
  };
  let keeping = Promise.resolve();
  let waiting = false;
  return {
    keep: () => {
      // What waits takes up the file as it then is.
      if (waiting) return;
      waiting = true;
      keeping = keeping
        .then(() => {
          waiting = false;
          return put();
        })
        .catch((error: unknown) => parts.logger.warn({ err: error, solutionVersion: arn }, 'checkpoint not kept'));
    },
    settled: () => keeping,
  };
}

/**
 * Brings the data and the last checkpoint of a training that another trainer began into a folder.
 * @returns undefined where it left none
 */
export async function fetchKept(parts: Parts, arn: string, folder: string): Promise<TrainingBeginning | undefined> {
  const uri = folderOf(parts, arn);
  try {
    for (const name of [CHECKPOINT_FILE, DATASET_FILE]) {
      await writeFile(join(folder, name), await parts.objects.get(`${uri}/${name}`));
    }
    return JSON.parse(Buffer.from(await parts.objects.get(`${uri}/${BEGINNING_FILE}`)).toString()) as TrainingBeginning;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundError)) throw error;
    return undefined;
  }
}

/** Takes away what `keepCheckpoints` kept. */
export async function removeCheckpoint(parts: Parts, arn: string): Promise<void> {
  // The checkpoint first: without it no one goes on.
  for (const name of [CHECKPOINT_FILE, BEGINNING_FILE, DATASET_FILE]) {
    await parts.objects.delete(`${folderOf(parts, arn)}/${name}`);
  }
}
