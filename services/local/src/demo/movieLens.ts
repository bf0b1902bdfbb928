import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { strFromU8, unzipSync } from 'fflate';
import { writeWhole } from '../writeWhole';

export const MOVIELENS_LICENCE =
  'GroupLens, University of Minnesota: free for non-commercial use, redistribution under the same terms. ' +
  'F. M. Harper and J. A. Konstan, The MovieLens Datasets, ACM TiiS 5(4), 2015. https://grouplens.org/datasets/movielens';

const ARCHIVE = {
  url: 'https://files.grouplens.org/datasets/movielens/ml-latest-small.zip',
  sha256: '696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436',
};

/** The archive is under a megabyte: who can't have it in this time is as good as offline. */
const DOWNLOAD_TIMEOUT_MS = 15_000;

export type Download = { files: { interactions: string; items: string } } | { reason: string };

/**
 * Gets MovieLens latest small from its publisher, once, and lays it down in the API's columns.
 * @returns the files, or why they can't be had
 */
export async function downloadMovieLens(folder: string): Promise<Download> {
  const files = { interactions: join(folder, 'interactions.csv'), items: join(folder, 'items.csv') };
  if (existsSync(files.interactions) && existsSync(files.items)) return { files };
  const archive = await fetchArchive();
  if ('reason' in archive) return archive;
  const entries = unzipSync(archive.bytes);
  await mkdir(folder, { recursive: true });
  await writeWhole(files.items, toItemsCsv(entry(entries, 'movies.csv')));
  await writeWhole(files.interactions, toInteractionsCsv(entry(entries, 'ratings.csv')));
  return { files };
}

async function fetchArchive(): Promise<{ bytes: Uint8Array } | { reason: string }> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(ARCHIVE.url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) return { reason: `its publisher answers ${response.status}` };
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    return { reason: `its publisher can't be reached: ${reasonOf(error)}` };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== ARCHIVE.sha256)
    return { reason: 'what was downloaded does not have the checksum of the known archive' };
  return { bytes };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function entry(entries: Record<string, Uint8Array>, name: string): string {
  const content = entries[`ml-latest-small/${name}`];
  if (!content) throw new Error(`The MovieLens archive has no ${name}, though its checksum is right.`);
  return strFromU8(content);
}

function toItemsCsv(movies: string): string {
  const rows = parse(movies, { columns: true }) as Record<'movieId' | 'title' | 'genres', string>[];
  return stringify(
    rows.map(({ movieId, title, genres }) => [movieId, title, genres === '(no genres listed)' ? '' : genres]),
    { header: true, columns: ['ITEM_ID', 'TITLE', 'GENRES'] },
  );
}

function toInteractionsCsv(ratings: string): string {
  const rows = parse(ratings, { columns: true }) as Record<'userId' | 'movieId' | 'rating' | 'timestamp', string>[];
  rows.sort((a, b) => Number(a.userId) - Number(b.userId) || Number(a.timestamp) - Number(b.timestamp));
  return stringify(
    rows.map(({ userId, movieId, rating, timestamp }) => [userId, movieId, timestamp, 'rating', rating]),
    { header: true, columns: ['USER_ID', 'ITEM_ID', 'TIMESTAMP', 'EVENT_TYPE', 'EVENT_VALUE'] },
  );
}
