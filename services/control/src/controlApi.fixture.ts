import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { speakRestJson } from '@attune/aws';
import { openEmbeddedLog } from '@attune/bus';
import { type Database, migrate, openPglite } from '@attune/database';
import { migrateJobs, openJobQueue } from '@attune/jobs';
import { directoryObjectStore } from '@attune/objectstore';
import { createLogger, createMetrics, startHttpServer } from '@attune/service';
import { emptyTables } from '@attune/testing';
import { PersonalizeClient } from '@aws-sdk/client-personalize';
import type { ControlParts } from './controlParts';
import { startControl } from './startControl';

/** The control plane on embedded parts, and AWS's own client for it. */
export interface ControlApi {
  client: PersonalizeClient;
  parts: ControlParts;
  /** Sets the clock, which stands still otherwise, in milliseconds since the epoch. */
  setTime(now: number): void;
  /** Removes all resources. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export const SCOPE = { region: 'us-east-1', accountId: '000000000000' };

/** The clock at the start. */
export const START = Date.UTC(2026, 0, 1);

/** @param open opens an empty database; @default PGlite */
export async function startControlApi(open: () => Promise<Database> = () => openPglite()): Promise<ControlApi> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-control-'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics();
  const database = await open();
  await migrate(database);
  await migrateJobs(database);
  const bus = await openEmbeddedLog({ database, logger });
  const jobs = await openJobQueue({ database, metrics, logger, alone: true });
  let time = START;
  const parts = { database, bus, jobs, objects: directoryObjectStore(folder), scope: SCOPE, logger, now: () => time };
  const control = await startControl({ ...parts, metrics });
  const server = await startHttpServer({
    port: 0,
    logger,
    metrics,
    configure: speakRestJson,
    routes: [control.routes],
    health: async () => ({ missing: [] }),
  });
  const client = new PersonalizeClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: SCOPE.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return {
    client,
    parts,
    setTime: (now) => {
      time = now;
    },
    clear: async () => {
      time = START;
      await emptyTables(database);
    },
    stop: async () => {
      client.destroy();
      await server.stop();
      await control.stop();
      await jobs.stop();
      await bus.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A schema of the three dataset types, as JSON text. */
export function schemaOf(name: string, fields: readonly object[]): string {
  return JSON.stringify({ type: 'record', name, namespace: 'com.example', fields, version: '1.0' });
}

export const INTERACTION_FIELDS = [
  { name: 'USER_ID', type: 'string' },
  { name: 'ITEM_ID', type: 'string' },
  { name: 'TIMESTAMP', type: 'long' },
] as const;
