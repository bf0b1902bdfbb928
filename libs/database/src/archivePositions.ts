import type { Queryable } from './database';

/** The next offset of each partition that the archive has not read. A partition that is absent was never read. */
export async function readArchivePositions(db: Queryable, topic: string): Promise<Map<number, number>> {
  const rows = await db.query<{ partition: number; next_offset: number }>(
    'select partition, next_offset from archive_position where topic = $1',
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}

/**
 * Moves the archive's positions on, never back. Run it in the transaction that stores the events: then each is stored
 * exactly once.
 */
export async function advanceArchivePositions(
  db: Queryable,
  topic: string,
  positions: ReadonlyMap<number, number>,
): Promise<void> {
  await db.query(
    `insert into archive_position (topic, partition, next_offset)
     select $1, partition, next_offset from unnest($2::integer[], $3::bigint[]) as given (partition, next_offset)
     on conflict (topic, partition) do update
     set next_offset = greatest(archive_position.next_offset, excluded.next_offset)`,
    [topic, [...positions.keys()], [...positions.values()]],
  );
}
