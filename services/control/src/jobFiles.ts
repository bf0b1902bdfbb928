import { InvalidInputError } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import { type CsvFile, csvObject } from './csvFile';
import { type CsvImportError, describeProblem, MAX_REPORTED_PROBLEMS } from './csvProblems';

/**
 * Checks where a job reads or writes.
 * @throws InvalidInputError where it is not in the object store
 */
export function requireLocation(member: string, location: string | undefined): string {
  if (location?.startsWith('s3://')) return location;
  const given = location === undefined ? 'is missing' : `is "${location}"`;
  throw new InvalidInputError(
    `${member} ${given}. Expected s3://bucket/key, in this server's object store; over HTTP nothing is read or written.`,
  );
}

/**
 * Finds the CSV files of a location: the object of this name, or those of the folder of this name, folders in it left out.
 * @throws InvalidInputError where there are none
 */
export async function findCsvFiles(objects: ObjectStore, location: string): Promise<CsvFile[]> {
  const folder = location.replace(/\/*$/, '/');
  const found = await objects.list(location.replace(/\/+$/, ''));
  const uris = found.includes(location)
    ? [location]
    : found.filter((uri) => uri.startsWith(folder) && /^[^/]+\.csv(\.gz)?$/i.test(uri.slice(folder.length)));
  if (uris.length > 0) return uris.map((uri) => csvObject(objects, uri));
  throw new InvalidInputError(
    `There is no CSV file at ${location}. Expected an object of this name, or a folder with objects that end in .csv or .csv.gz.`,
  );
}

/** How many bytes the files have. */
export async function sizeOf(objects: ObjectStore, files: readonly CsvFile[]): Promise<number> {
  let total = 0;
  for (const { name } of files) total += await objects.size(name);
  return total;
}

/** What a failure reason holds at most, in characters: it is shown in consoles and on terminals. */
const MAX_REASON = 4_000;

/**
 * Writes what is wrong in a job's files beside them, one JSON object a line.
 * @returns why the job fails: the first problems, and where all of them are
 */
export async function reportProblems(
  objects: ObjectStore,
  location: string,
  jobName: string,
  { problems }: CsvImportError,
): Promise<InvalidInputError> {
  const uri = `${location.replace(/\/*$/, location.endsWith('/') ? '/' : '.')}${jobName}.errors.jsonl`;
  const report = problems.map((problem) => `${JSON.stringify(problem)}\n`).join('');
  const written = await objects.put(uri, Buffer.from(report)).then(
    () => `All of them are in ${uri}.`,
    (error: Error) => `A report of them could not be written: ${error.message}`,
  );
  const count = problems.length >= MAX_REPORTED_PROBLEMS ? `The first ${MAX_REPORTED_PROBLEMS}` : problems.length;
  let reason = `The files have problems, and nothing of them was kept. ${count} were found. ${written}`;
  for (const problem of problems) {
    const line = `\n${describeProblem(problem)}`;
    if (reason.length + line.length > MAX_REASON) {
      reason += '\n...';
      break;
    }
    reason += line;
  }
  return new InvalidInputError(reason);
}
