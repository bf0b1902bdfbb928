import type { ItemId, RecommendationId, Slate } from '@attune/domain';
import { type BulkColumn, bulkInsert } from './bulkInsert';
import type { Database, Queryable } from './database';
import { fromRow, type NullableRow } from './rows';
import { fromSlateRecords, type SlateRecords, toPoolRecords, toRelevantRecords, toSlotRecords } from './slateRecords';

/** A served list with what its user did about it. */
export interface AnsweredSlate {
  slate: Slate;
  /** How many events name the list. */
  events: number;
  /** The items of events that name the list, each once; they need not be in it. */
  clicked: readonly ItemId[];
}

/** Which lists of the log to read. */
export interface SlateSelection {
  campaignArn: string;
  /** Served at this time or later, and before the other: milliseconds since the epoch. */
  from: number;
  to: number;
  /** What counts as a click. @default events of any type */
  eventTypes?: readonly string[];
}

const SLATE_COLUMNS: readonly BulkColumn<Slate>[] = [
  { name: 'recommendation_id', type: 'text', of: (slate) => slate.recommendationId },
  { name: 'served_ms', type: 'bigint', of: (slate) => slate.servedAt },
  { name: 'dataset_group', type: 'text', of: (slate) => slate.datasetGroup },
  { name: 'campaign_arn', type: 'text', of: (slate) => slate.campaignArn },
  { name: 'solution_version_arn', type: 'text', of: (slate) => slate.solutionVersionArn },
  { name: 'user_id', type: 'text', of: (slate) => slate.userId },
  { name: 'kind', type: 'text', of: (slate) => slate.kind },
  { name: 'policy', type: 'jsonb', of: (slate) => slate.policy },
  { name: 'relevant', type: 'jsonb', of: toRelevantRecords },
  { name: 'pool', type: 'jsonb', of: toPoolRecords },
  { name: 'pool_eligible', type: 'integer', of: (slate) => slate.poolEligible },
  { name: 'click_rate', type: 'double precision', of: (slate) => slate.clickRate },
  { name: 'slots', type: 'jsonb', of: toSlotRecords },
  { name: 'context', type: 'jsonb', of: (slate) => slate.context },
  { name: 'degraded', type: 'boolean', of: (slate) => slate.degraded },
];

const SELECTED = `dataset_group as "datasetGroup", recommendation_id as "recommendationId", campaign_arn as "campaignArn",
  solution_version_arn as "solutionVersionArn", user_id as "userId", served_ms as "servedAt", kind, policy, relevant, pool,
  pool_eligible as "poolEligible", click_rate as "clickRate", slots, context, degraded`;

type SlateRow = Omit<NullableRow<Slate>, keyof SlateRecords> & SlateRecords;

function slateOf(row: SlateRow): Slate {
  return { ...fromRow<Slate>(row as NullableRow<Slate>), ...fromSlateRecords(row) };
}

/**
 * Stores served lists. One that is there already is passed over, so that a message that comes twice counts once.
 * @returns how many were new
 */
export async function archiveSlates(db: Queryable, slates: readonly Slate[]): Promise<number> {
  const conflict = 'on conflict (recommendation_id, served_ms) do nothing returning 1';
  const { sql, parameters } = bulkInsert('slate', SLATE_COLUMNS, slates, conflict);
  return (await db.query(sql, parameters)).length;
}

/** The list of a recommendation id; undefined where it was never served, or its month has been dropped. */
export async function findSlate(db: Queryable, recommendationId: RecommendationId): Promise<Slate | undefined> {
  const [row] = await db.query<SlateRow>(
    `select ${SELECTED} from slate where recommendation_id = $1 order by served_ms limit 1`,
    [recommendationId],
  );
  return row && slateOf(row);
}

/** The recommendations of a campaign, without rankings, in order of time, each with the events that answer it. */
export async function* streamAnsweredSlates(
  db: Database,
  { campaignArn, from, to, eventTypes }: SlateSelection,
  batchSize = 1000,
): AsyncGenerator<AnsweredSlate[]> {
  const batches = db.stream<SlateRow & { events: number; clicked: ItemId[] | null }>(
    `select list.*, answer.events, answer.clicked
     from (
       select ${SELECTED} from slate
       where campaign_arn = $1 and served_ms >= $2 and served_ms < $3 and kind = 'recommendations'
     ) as list
     cross join lateral (
       select count(*) as events, array_agg(distinct item_id) filter (
         where item_id is not null and ($4::text[] is null or event_type = any($4))
       ) as clicked
       from interaction
       where recommendation_id = list."recommendationId" and dataset_group = list."datasetGroup"
     ) as answer
     order by list."servedAt", list."recommendationId"`,
    [campaignArn, from, to, eventTypes ?? null],
    batchSize,
  );
  for await (const rows of batches) {
    yield rows.map(({ events, clicked, ...slate }) => ({
      slate: slateOf(slate),
      events,
      clicked: clicked ?? [],
    }));
  }
}
