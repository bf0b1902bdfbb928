import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureDatasetGroup, ensureEventTracker } from '@attune/control';
import type { Database } from '@attune/database';
import { migrate, openPglite } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { startAttuneProcess } from './testing/attuneProcess';

const GROUP = datasetGroupName('crash');
const CLIENTS = 8;
const LOAD_MS = 1500;
const CRASHES = 3;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'attune-crash-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openPglite(join(dataDir, 'database'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function createTracker(): Promise<string> {
  return withDatabase(async (database) => {
    await migrate(database);
    const control = { database, now: Date.now, scope: { region: 'us-east-1', accountId: '000000000000' } };
    await ensureDatasetGroup(control, GROUP);
    return ensureEventTracker(control, GROUP);
  });
}

/** Sends events one call after another until the server is gone. @returns the ids that were acknowledged */
async function sendUntilDead(httpUrl: string, trackingId: string, client: string): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let call = 0; ; call++) {
    const ids = [`${client}-${call}-a`, `${client}-${call}-b`];
    const eventList = ids.map((eventId) => ({ eventId, eventType: 'click', itemId: 'i1', sentAt: Date.now() / 1000 }));
    const body = JSON.stringify({ trackingId, userId: client, sessionId: 's', eventList });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${httpUrl}/events`, { method: 'POST', headers, body }).catch(() => undefined);
    if (!response) return acknowledged;
    if (response.status !== 200) throw new Error(`PutEvents answered ${response.status}: ${await response.text()}`);
    acknowledged.push(...ids);
  }
}

test(
  'a process that is killed under load has lost no acknowledged event, and stored none twice',
  async () => {
    const trackingId = await createTracker();
    const acknowledged: string[] = [];
    for (let crash = 0; crash < CRASHES; crash++) {
      const attune = await startAttuneProcess(dataDir);
      const clients = Array.from({ length: CLIENTS }, (_, client) =>
        sendUntilDead(attune.httpUrl, trackingId, `crash${crash}-client${client}`),
      );
      await pause(LOAD_MS);
      await attune.kill();
      acknowledged.push(...(await Promise.all(clients)).flat());
    }
    expect(acknowledged.length).toBeGreaterThan(CRASHES * CLIENTS * 2);

    // The next start reads on where the archive stopped.
    const attune = await startAttuneProcess(dataDir);
    await archiveAtRest(attune.httpUrl);
    expect(await attune.stop()).toBe(0);

    const archived = await withDatabase((database) =>
      database.query<{ event_id: string; copies: number }>(
        'select event_id, count(*) as copies from interaction where dataset_group = $1 group by event_id',
        [GROUP],
      ),
    );
    const archivedIds = new Set(archived.map((row) => row.event_id));
    expect(acknowledged.filter((id) => !archivedIds.has(id))).toEqual([]);
    expect(archived.filter((row) => row.copies !== 1)).toEqual([]);
  },
  3 * 60_000,
);

/** Waits until the archive has written nothing new for a second: it has read all there is. */
async function archiveAtRest(httpUrl: string): Promise<void> {
  let written = await archivedCount(httpUrl);
  for (;;) {
    await pause(1000);
    const now = await archivedCount(httpUrl);
    if (now === written) return;
    written = now;
  }
}

async function archivedCount(httpUrl: string): Promise<string | undefined> {
  const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
  return /^attune_archive_interactions_total\{outcome="archived"\} (.+)$/m.exec(metrics)?.[1];
}
