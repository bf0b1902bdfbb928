import { type DatasetGroupName, datasetGroupName, InvalidInputError } from '@attune/domain';
import { CatalogNotice as CatalogMessage, DatasetKind as DatasetKindMessage } from '@attune/proto';
import { requireFields } from './protoFields';
import type { Topic } from './topic';

/** The datasets of a dataset group. */
export type DatasetKind = 'interactions' | 'items' | 'users';

/** Says that data of a dataset group was imported, so that what was made from it is read anew. */
export interface CatalogNotice {
  datasetGroup: DatasetGroupName;
  kind: DatasetKind;
  /** Milliseconds since the epoch. */
  changedAt: number;
}

/** Imports of data, keyed by dataset group. */
export const catalogTopic: Topic<CatalogNotice> = {
  name: 'catalog',
  partitions: 1,
  encode: (notice) =>
    CatalogMessage.encode({
      datasetGroup: notice.datasetGroup,
      kind: KINDS[notice.kind],
      changedMs: notice.changedAt,
    }).finish(),
  decode: (bytes) => fromMessage(CatalogMessage.decode(bytes)),
};

const KINDS: Readonly<Record<DatasetKind, DatasetKindMessage>> = {
  interactions: DatasetKindMessage.DATASET_KIND_INTERACTIONS,
  items: DatasetKindMessage.DATASET_KIND_ITEMS,
  users: DatasetKindMessage.DATASET_KIND_USERS,
};

function fromMessage(message: CatalogMessage): CatalogNotice {
  requireFields('CatalogNotice', { dataset_group: message.datasetGroup, changed_ms: message.changedMs });
  const kind = (Object.keys(KINDS) as DatasetKind[]).find((name) => KINDS[name] === message.kind);
  if (!kind) throw new InvalidInputError(`The kind ${message.kind} of a CatalogNotice is unknown to this version.`);
  return { datasetGroup: datasetGroupName(message.datasetGroup), kind, changedAt: message.changedMs };
}
