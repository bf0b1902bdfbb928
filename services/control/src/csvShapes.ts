import type { ImportedInteraction, Item, UserProfile } from '@attune/database';
import { itemId, recommendationId, userId } from '@attune/domain';
import type { RecordReader } from './csvColumns';
import { camelCase, readId, readNumber, readText, readTimestamp } from './csvColumns';
import type { CsvShape } from './csvImport';

/** The event type of interactions whose file has no EVENT_TYPE column. */
const DEFAULT_EVENT_TYPE = 'interaction';

const INTERACTION_COLUMNS = [
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'IMPRESSION',
  'RECOMMENDATION_ID',
];

/** The Interactions dataset. Columns beyond the reserved ones are contextual metadata. */
export const interactionsShape: CsvShape<ImportedInteraction> = {
  requiredColumns: ['USER_ID', 'ITEM_ID', 'TIMESTAMP'],
  toRow(reader, fields, line) {
    const user = reader.required(fields, line, 'USER_ID', readId);
    const item = reader.required(fields, line, 'ITEM_ID', readId);
    const timestamp = reader.required(fields, line, 'TIMESTAMP', readTimestamp);
    const eventType = reader.optional(fields, line, 'EVENT_TYPE', readId) ?? DEFAULT_EVENT_TYPE;
    const eventValue = reader.optional(fields, line, 'EVENT_VALUE', readNumber);
    const impression = reader.optional(fields, line, 'IMPRESSION', readText);
    const recommendation = reader.optional(fields, line, 'RECOMMENDATION_ID', readId);
    if (user === undefined || item === undefined || timestamp === undefined) return undefined;
    const properties = otherColumns(reader, fields, INTERACTION_COLUMNS, camelCase);
    return {
      userId: userId(user),
      itemId: itemId(item),
      timestamp,
      eventType,
      ...(eventValue !== undefined && { eventValue }),
      ...(impression !== undefined && { impression: impression.split('|').map(itemId) }),
      ...(recommendation !== undefined && { recommendationId: recommendationId(recommendation) }),
      ...(Object.keys(properties).length > 0 && { properties }),
    };
  },
};

/** The Items dataset. Columns beyond the reserved ones are item metadata, under the names of the file. */
export const itemsShape: CsvShape<Item> = {
  requiredColumns: ['ITEM_ID'],
  toRow(reader, fields, line) {
    const item = reader.required(fields, line, 'ITEM_ID', readId);
    const creation = reader.optional(fields, line, 'CREATION_TIMESTAMP', readTimestamp);
    if (item === undefined) return undefined;
    return {
      itemId: itemId(item),
      ...(creation !== undefined && { createdAt: creation }),
      metadata: otherColumns(reader, fields, ['ITEM_ID', 'CREATION_TIMESTAMP'], (column) => column),
    };
  },
};

/** The Users dataset. Columns beyond USER_ID are user metadata, under the names of the file. */
export const usersShape: CsvShape<UserProfile> = {
  requiredColumns: ['USER_ID'],
  toRow(reader, fields, line) {
    const user = reader.required(fields, line, 'USER_ID', readId);
    if (user === undefined) return undefined;
    return { userId: userId(user), metadata: otherColumns(reader, fields, ['USER_ID'], (column) => column) };
  },
};

function otherColumns(
  reader: RecordReader,
  fields: readonly string[],
  reserved: readonly string[],
  rename: (column: string) => string,
): Record<string, string> {
  const others: Record<string, string> = {};
  for (const [index, column] of reader.columns.entries()) {
    const text = fields[index];
    if (!reserved.includes(column) && text !== undefined && text !== '') others[rename(column)] = text;
  }
  return others;
}
