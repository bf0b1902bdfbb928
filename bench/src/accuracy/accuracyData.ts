import { basename, join } from 'node:path';
import { InvalidInputError } from '@attune/domain';
import { type ColumnSchema, type Dataset, DatasetBuilder, type HeldOutItems } from '@attune/recommender';
import { CsvProblems, type CsvRow, readCsv } from './csvFile';

/** Files in the API's columns; names that end in `.gz` are gzip. */
export interface AccuracyFiles {
  interactions: string;
  items?: string | undefined;
  users?: string | undefined;
  /** USER_ID, VALID_ITEM and TEST_ITEM of a published split. */
  split?: string | undefined;
}

/** Interactions to measure accuracy on, with the split that a published figure used where there is one. */
export interface AccuracyData {
  dataset: Dataset;
  heldOut?: ReadonlyMap<string, HeldOutItems>;
}

/** The files of a named data set in the folder `ATTUNE_DATASETS`. Metadata is taken only where a run asks for it. */
export function namedDataset(name: string): AccuracyFiles {
  const folder = process.env.ATTUNE_DATASETS;
  if (!folder) throw new InvalidInputError('--dataset needs ATTUNE_DATASETS, the folder that holds the data sets.');
  return {
    interactions: join(folder, `${name}.interactions.csv.gz`),
    ...(name === 'ml-100k' && { split: join(folder, `${name}.split.csv`) }),
  };
}

/** `ml-100k` of `ml-100k.interactions.csv.gz`. */
export const datasetName = (interactions: string): string =>
  basename(interactions).replace(/(\.interactions)?\.csv(\.gz)?$/, '');

/** Columns that are not metadata. */
const RESERVED = new Set([
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'IMPRESSION',
  'RECOMMENDATION_ID',
]);

/**
 * Reads files into a dataset. Columns beyond the API's own are metadata, of a kind that their values suggest. Items and users
 * without interactions are passed over, so that every scorer ranks the same catalogue.
 * @throws InvalidInputError naming file, line, column and value of what can't be used
 */
export async function readAccuracyData(files: AccuracyFiles): Promise<AccuracyData> {
  const items = files.items === undefined ? [] : await readAll(files.items, ['ITEM_ID']);
  const users = files.users === undefined ? [] : await readAll(files.users, ['USER_ID']);
  let builder: DatasetBuilder | undefined;
  const touched = new Set<string>();
  const problems = new CsvProblems(files.interactions);
  for await (const { line, values } of readCsv(files.interactions, ['USER_ID', 'ITEM_ID', 'TIMESTAMP'])) {
    builder ??= new DatasetBuilder({
      interactions: metadataColumns(values),
      items: metadataColumns(items[0]?.values ?? {}),
      users: metadataColumns(users[0]?.values ?? {}),
    });
    if (!checkInteraction(values, line, problems)) continue;
    const { USER_ID: userId = '', ITEM_ID: itemId = '', TIMESTAMP, EVENT_TYPE, EVENT_VALUE } = values;
    touched.add(itemId);
    builder.addInteraction({
      userId,
      itemId,
      timestamp: Number(TIMESTAMP) * 1000,
      eventType: EVENT_TYPE ?? '',
      ...(EVENT_VALUE && { eventValue: Number(EVENT_VALUE) }),
      context: values,
    });
  }
  problems.throwIfAny();
  if (!builder) throw new InvalidInputError(`${files.interactions} has no interactions.`);
  for (const { values } of items)
    if (touched.has(values.ITEM_ID!)) builder.addItem(values.ITEM_ID!, metadataOf(values));
  for (const { values } of users) builder.addUser(values.USER_ID!, metadataOf(values));
  const heldOut = files.split === undefined ? undefined : await readHeldOut(files.split);
  return { dataset: builder.build(), ...(heldOut && { heldOut }) };
}

function checkInteraction(values: CsvRow['values'], line: number, problems: CsvProblems): boolean {
  let good = true;
  const check = (column: string, holds: boolean, expected: string) => {
    if (holds) return;
    good = false;
    problems.add(line, column, values[column] ?? '', expected);
  };
  const { USER_ID, ITEM_ID, TIMESTAMP = '', EVENT_VALUE = '' } = values;
  check('USER_ID', USER_ID !== '', 'an id');
  check('ITEM_ID', ITEM_ID !== '', 'an id');
  check(
    'TIMESTAMP',
    TIMESTAMP.trim() !== '' && Number(TIMESTAMP) >= 0 && Number.isFinite(Number(TIMESTAMP)),
    'Unix seconds',
  );
  check('EVENT_VALUE', Number.isFinite(Number(EVENT_VALUE)), 'a number or nothing');
  return good;
}

async function readAll(file: string, required: readonly string[]): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  const problems = new CsvProblems(file);
  for await (const row of readCsv(file, required)) {
    for (const column of required) if (!row.values[column]) problems.add(row.line, column, '', 'an id');
    rows.push(row);
  }
  problems.throwIfAny();
  return rows;
}

/** Columns beyond the API's own, of a kind that their values suggest. */
export function metadataColumns(values: CsvRow['values']): ColumnSchema[] {
  return Object.keys(values)
    .filter((name) => !RESERVED.has(name))
    .map((name) => ({ name, kind: name === 'CREATION_TIMESTAMP' ? 'timestamp' : 'inferred' }));
}

/** What is empty is not known; times are milliseconds inside. */
export function metadataOf(values: CsvRow['values']): Record<string, unknown> {
  const known = Object.entries(values).filter(([, value]) => value !== '');
  return Object.fromEntries(
    known.map(([name, value]) => [name, name === 'CREATION_TIMESTAMP' ? Number(value) * 1000 : value]),
  );
}

async function readHeldOut(file: string): Promise<Map<string, HeldOutItems>> {
  const rows = await readAll(file, ['USER_ID', 'VALID_ITEM', 'TEST_ITEM']);
  return new Map(
    rows.map(({ values }) => [values.USER_ID!, { validation: values.VALID_ITEM!, test: values.TEST_ITEM! }]),
  );
}
