import { type PutItemsRequest, putItemsRequest } from '@attune/aws';
import { upsertItems } from '@attune/database';
import { type Caller, itemId } from '@attune/domain';
import { type PutMetadataParts, putMetadata } from './putMetadata';

/** Stores the items of one PutItems call. See `putMetadata`. */
export function putItems(parts: PutMetadataParts, body: unknown, caller: Caller): Promise<void> {
  return putMetadata<PutItemsRequest, string>(
    parts,
    {
      kind: 'items',
      shape: putItemsRequest,
      list: 'items',
      idColumn: 'ITEM_ID',
      entriesOf: ({ items }) => items.map(({ itemId: entry, properties }) => ({ entry, properties })),
      store: ({ datasetGroup }, rows) => {
        const items = rows.map(({ entry, metadata: { CREATION_TIMESTAMP: created, ...metadata } }) => ({
          itemId: itemId(entry),
          // In seconds, as in files.
          ...(typeof created === 'number' && { createdAt: created * 1000 }),
          metadata,
        }));
        return upsertItems(parts.database, datasetGroup, items, true);
      },
    },
    body,
    caller,
  );
}
