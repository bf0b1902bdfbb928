import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { downloadMovieLens, MOVIELENS_LICENCE } from './movieLens';
import { writeSimulatedWorld } from './simulatedWorld';

/** CSV files to show the engine on. */
export interface DemoData {
  /** What the data is, in a line for the terminal. */
  description: string;
  /** The terms it comes under, where there are any. */
  licence?: string;
  /** The dataset group it is imported into. */
  datasetGroup: string;
  files: { interactions: string; items?: string; users?: string };
}

/** Files of one's own, as the command line names them. */
export interface OwnFiles {
  interactions: string;
  items?: string;
  users?: string;
}

export interface DemoDataOptions {
  own?: OwnFiles;
  /** A folder that holds the data sets already: `ATTUNE_DATASETS`. */
  datasetsFolder?: string;
  /** Where downloads and simulated data are kept. */
  cacheFolder: string;
  /** Takes a line on what is done and why. */
  report(line: string): void;
}

const MOVIELENS_DESCRIPTION = 'MovieLens latest small: 100,836 film ratings by 610 people';

/**
 * Finds data for the demo: the caller's own files; else MovieLens from the data sets folder, or from its publisher; else,
 * offline, a simulated world.
 */
export async function findDemoData({ own, datasetsFolder, cacheFolder, report }: DemoDataOptions): Promise<DemoData> {
  if (own)
    return { description: `your own data: ${basename(own.interactions)}`, datasetGroup: nameOf(own), files: own };
  if (datasetsFolder !== undefined) {
    const files = {
      interactions: join(datasetsFolder, 'ml-latest-small.interactions.csv.gz'),
      items: join(datasetsFolder, 'ml-latest-small.items.csv.gz'),
    };
    if (existsSync(files.interactions) && existsSync(files.items)) return movieLens(files);
    report(`ATTUNE_DATASETS is ${datasetsFolder}, but ml-latest-small is not there.`);
  }
  const download = await downloadMovieLens(join(cacheFolder, 'ml-latest-small'));
  if ('files' in download) return movieLens(download.files);
  report(`MovieLens can't be had (${download.reason}): a simulated world takes its place.`);
  return {
    description:
      'SIMULATED data: 500 invented users and their clicks on 400 invented items. Its figures say nothing about real users',
    datasetGroup: 'simulated',
    files: await writeSimulatedWorld(join(cacheFolder, 'simulated-world'), Date.now()),
  };
}

function movieLens(files: DemoData['files']): DemoData {
  return { description: MOVIELENS_DESCRIPTION, licence: MOVIELENS_LICENCE, datasetGroup: 'movielens', files };
}

/** `My Clicks.csv.gz` becomes `my-clicks`: a name that an ARN can carry. */
function nameOf({ interactions }: OwnFiles): string {
  const name = basename(interactions)
    .replace(/(\.interactions)?\.csv(\.gz)?$/i, '')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, 50) || 'own-data';
}
