import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '@attune/recommender';

/** Latency does not depend on how good the model is: a short training will do. */
export const TRAINING_SECONDS = '20';

/** What a server is trained on before it is measured. */
export interface TrainingData {
  /** What it is, for the line of a figure. */
  name: string;
  /** A CSV in the API's columns. */
  interactions: string;
  userIds: readonly string[];
  itemIds: readonly string[];
}

/** ml-100k where `ATTUNE_DATASETS` has it, else generated clicks of the same size, written to the folder. */
export async function findTrainingData(folder: string): Promise<TrainingData> {
  const { name, interactions } = await findInteractions(folder);
  return { name, interactions, ...(await readIds(interactions)) };
}

async function findInteractions(folder: string): Promise<Pick<TrainingData, 'name' | 'interactions'>> {
  const published = join(process.env.ATTUNE_DATASETS ?? '', 'ml-100k.interactions.csv.gz');
  if (process.env.ATTUNE_DATASETS && existsSync(published)) return { name: 'ml-100k', interactions: published };
  const interactions = join(folder, 'generated.csv');
  await writeFile(interactions, generateInteractions());
  return { name: 'generated, 100,000 interactions of 1,000 users with 1,700 items', interactions };
}

function generateInteractions(): string {
  const random = new Random(1);
  const lines = ['USER_ID,ITEM_ID,TIMESTAMP'];
  for (let user = 0; user < 1000; user++) {
    for (let event = 0; event < 100; event++) {
      lines.push(`${user},${Math.floor(random.uniform() ** 2 * 1700)},${1_700_000_000 + event * 60}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function readIds(interactions: string): Promise<Pick<TrainingData, 'userIds' | 'itemIds'>> {
  const bytes = await readFile(interactions);
  const text = (interactions.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const distinct = (column: number) => [...new Set(rows.map((row) => row[column] ?? ''))];
  return { userIds: distinct(0), itemIds: distinct(1) };
}
