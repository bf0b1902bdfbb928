import { createHash } from 'node:crypto';
import type { DatasetGroupName, Interaction, RecommendationId } from '@attune/domain';
import { historyKey } from '@attune/domain';
import type { ObservedPartition } from './itemStatistics';
import type { ListChange, ListRecord } from './listReports';

/** How long after its latest record a list is remembered, in seconds: an hour. */
export const LIST_TTL_SECONDS = 3600;

/** A record of a list, and where it lies on the bus. */
export interface PlacedRecord {
  datasetGroup: DatasetGroupName;
  /** Names the list within the dataset group: see `listKey`. */
  list: string;
  partition: ObservedPartition;
  offset: number;
  record: ListRecord;
}

/**
 * Remembers lists for some time, so that each counts once, however often and in whatever way it is reported. Only the
 * feature service writes them.
 */
export interface ListStore {
  /**
   * Adds records to their lists. One that is there already, from the same place of the bus, gives the same changes again,
   * so a batch may be given again; one that tells nothing new of a list gives none, and takes no memory.
   * @returns for each record what it changes in the counts of items
   * @throws UnavailableError where the store is away
   */
  note(records: readonly PlacedRecord[]): Promise<ListChange[][]>;
  close(): Promise<void>;
}

/** The list of a recommendation id. */
export function servedListKey(recommendationId: RecommendationId): string {
  return `id/${recommendationId}`;
}

/**
 * The list that an event reports as seen: that of its recommendation id, or else of its items, shown to somebody in one
 * session; undefined where it reports none.
 */
export function reportedListKey(interaction: Interaction): string | undefined {
  const { recommendationId, impression, sessionId } = interaction;
  if (recommendationId !== undefined) return servedListKey(recommendationId);
  if (!impression) return undefined;
  const items = [...new Set(impression)].sort();
  const parts = JSON.stringify([historyKey(interaction), sessionId, items]);
  return `of/${createHash('sha1').update(parts).digest('base64url')}`;
}
