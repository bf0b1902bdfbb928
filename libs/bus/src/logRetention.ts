import type { Database } from '@attune/database';

/** Offsets per statement: one of this size takes some 100 ms, for which the embedded database does nothing else. */
const CHUNK = 10_000;

/**
 * Removes messages published before a time, in milliseconds since the epoch, that every group has passed. The newest
 * message of a partition always stays: the offsets are counted on from it.
 * @returns how many were removed
 */
export async function trimLog(db: Database, publishedBefore: number): Promise<number> {
  let removed = 0;
  for (const { topic, partition } of await listPartitions(db)) {
    for (let chunk = -1; chunk !== 0; removed += chunk) {
      chunk = await removeChunk(db, topic, partition, publishedBefore);
    }
  }
  return removed;
}

/** From one partition to the next by the index, without a look at their messages. */
function listPartitions(db: Database): Promise<{ topic: string; partition: number }[]> {
  return db.query(
    `with recursive place as (
       (select topic, partition from bus_message order by topic, partition limit 1)
       union all
       select next.topic, next.partition from place, lateral (
         select topic, partition from bus_message as message
         where (message.topic, message.partition) > (place.topic, place.partition)
         order by topic, partition limit 1
       ) as next
     )
     select topic, partition from place`,
  );
}

async function removeChunk(db: Database, topic: string, partition: number, publishedBefore: number): Promise<number> {
  const [row] = await db.query<{ removed: number }>(
    `with removed as (
       delete from bus_message
       where topic = $1 and partition = $2 and published_ms < $3 and message_offset < least(
         (select min(message_offset) + $4 from bus_message where topic = $1 and partition = $2),
         (select max(message_offset) from bus_message where topic = $1 and partition = $2),
         (select min(next_offset) from bus_position where topic = $1 and partition = $2)
       )
       returning 1
     )
     select count(*) as removed from removed`,
    [topic, partition, publishedBefore, CHUNK],
  );
  return row!.removed;
}
