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
 * Copies rows into the archive's own table, its partitions and index included, each batch in a transaction of its own.
 * @param ids whether the event ids go into their own table, too, whose primary key keeps an event from being stored twice: the
 *   least that a database does for an archive that stores each event once
 * @returns seconds
 */
export async function copyBarely(
  databaseUrl: string,
  rows: readonly string[],
  { batchSize, ids = false }: { batchSize: number; ids?: boolean },
): Promise<number> {
  const batches = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, index) => {
    const batch = rows.slice(index * batchSize, (index + 1) * batchSize);
    return { rows: lines(batch), ids: lines(batch.map(eventName).sort()) };
  });
  return connected(databaseUrl, async (client) => {
    const copy = (into: string, text: string) =>
      pipeline(Readable.from([text]), client.query(copyFrom(`copy ${into} from stdin`)));
    const start = performance.now();
    for (const batch of batches) {
      if (ids) {
        await client.query('begin');
        await copy('interaction_event_id (dataset_group, event_id)', batch.ids);
      }
      await copy(`interaction (${COLUMNS})`, batch.rows);
      if (ids) await client.query('commit');
    }
    return (performance.now() - start) / 1000;
  });
}

/** The place of the event id among the columns. */
const EVENT_ID = COLUMNS.split(',').findIndex((column) => column.trim() === 'event_id');

function eventName(row: string): string {
  const fields = row.split('\t');
  return `${fields[0]}\t${fields[EVENT_ID]}`;
}

function lines(each: readonly string[]): string {
  return `${each.join('\n')}\n`;
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
