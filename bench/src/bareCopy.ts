import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** What the archive stores of an event; the id comes from the sequence. */
const COLUMNS = `dataset_group, user_id, item_id, event_type, event_value, timestamp_ms, recommendation_id, impression,
  properties, history_key, event_id, session_id, received_ms, bus_partition, bus_offset`;

/** The archived interactions as COPY writes them, one a line. */
export async function readRows(databaseUrl: string): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const rows = await text(client.query(copyTo(`copy (select ${COLUMNS} from interaction order by id) to stdout`)));
    return rows.trimEnd().split('\n');
  });
}

/**
 * Copies rows into the archive's own table, its partitions and index included, and does nothing else.
 * @param batchSize rows in one COPY, which is a transaction of its own
 * @returns seconds
 */
export async function copyBarely(databaseUrl: string, rows: readonly string[], batchSize: number): Promise<number> {
  const batches = Array.from(
    { length: Math.ceil(rows.length / batchSize) },
    (_, index) => `${rows.slice(index * batchSize, (index + 1) * batchSize).join('\n')}\n`,
  );
  return connected(databaseUrl, async (client) => {
    const start = performance.now();
    for (const batch of batches) {
      await pipeline(Readable.from([batch]), client.query(copyFrom(`copy interaction (${COLUMNS}) from stdin`)));
    }
    return (performance.now() - start) / 1000;
  });
}

async function connected<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
