import { createHash } from 'node:crypto';
import { type Dataset, DatasetBuilder, type EventFacts } from '@attune/recommender';
import { type AccuracyFiles, metadataColumns, metadataOf } from './accuracy/accuracyData';
import { type CsvRow, readCsv } from './accuracy/csvFile';

/** What a user did before touching an item that no one had touched when the model was trained. */
export interface ColdItemQuestion {
  userId: string;
  /** Oldest first; without held-out items. */
  history: readonly Touch[];
  itemId: string;
}

/** Data without the interactions of some items, and what happened to those. */
export interface ColdItemData {
  /** All items are in it. */
  dataset: Dataset;
  questions: readonly ColdItemQuestion[];
  /** How often each item came to be touched. */
  popularity: ReadonlyMap<string, number>;
  users: ReadonlyMap<string, Record<string, unknown>>;
}

type Touch = EventFacts & { itemId: string };

/** A tenth of the items, always the same. */
export function isHeldOut(itemId: string): boolean {
  return createHash('sha256').update(`cold:${itemId}`).digest().readUInt32BE() < 0.1 * 2 ** 32;
}

/** Reads files, and takes out all interactions with held-out items. */
export async function readColdItemData(files: AccuracyFiles): Promise<ColdItemData> {
  const items = files.items === undefined ? [] : await rowsOf(files.items, ['ITEM_ID']);
  const users = files.users === undefined ? [] : await rowsOf(files.users, ['USER_ID']);
  const rows = await rowsOf(files.interactions, ['USER_ID', 'ITEM_ID', 'TIMESTAMP']);
  const builder = new DatasetBuilder({
    interactions: metadataColumns(rows[0] ?? {}),
    items: metadataColumns(items[0] ?? {}),
    users: metadataColumns(users[0] ?? {}),
  });
  const histories = new Map<string, Touch[]>();
  const popularity = new Map<string, number>();
  for (const row of rows) {
    const { USER_ID: userId = '', ITEM_ID: itemId = '', EVENT_TYPE: eventType, EVENT_VALUE } = row;
    const event = {
      itemId,
      timestamp: Number(row.TIMESTAMP) * 1000,
      ...(eventType !== undefined && { eventType }),
      ...(EVENT_VALUE && { eventValue: Number(EVENT_VALUE) }),
      context: metadataOf(row),
    };
    histories.set(userId, [...(histories.get(userId) ?? []), event]);
    popularity.set(itemId, (popularity.get(itemId) ?? 0) + 1);
    if (!isHeldOut(itemId)) builder.addInteraction({ userId, ...event });
  }
  for (const row of items) builder.addItem(row.ITEM_ID!, metadataOf(row));
  for (const row of users) builder.addUser(row.USER_ID!, metadataOf(row));
  return {
    dataset: builder.build(),
    questions: [...histories].flatMap(([userId, events]) => questionOf(userId, events) ?? []),
    popularity,
    users: new Map(users.map((row) => [row.USER_ID!, metadataOf(row)])),
  };
}

/** About the last held-out item that a user touched, where others came before. */
function questionOf(userId: string, events: Touch[]): ColdItemQuestion | undefined {
  events.sort((a, b) => a.timestamp - b.timestamp);
  const last = events.findLastIndex(({ itemId }) => isHeldOut(itemId));
  const history = events.slice(0, Math.max(0, last)).filter(({ itemId }) => !isHeldOut(itemId));
  return history.length > 0 ? { userId, history, itemId: events[last]!.itemId } : undefined;
}

async function rowsOf(file: string, required: readonly string[]): Promise<CsvRow['values'][]> {
  const rows: CsvRow['values'][] = [];
  for await (const { values } of readCsv(file, required)) rows.push(values);
  return rows;
}
