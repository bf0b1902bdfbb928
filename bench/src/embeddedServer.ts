import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { Random } from '@attune/recommender';

const ATTUNE = join(__dirname, '..', '..', 'services', 'local', 'dist', 'main.js');

/** A trained embedded server in a process of its own. */
export interface EmbeddedServer {
  httpUrl: string;
  grpcAddress: string;
  campaignArn: string;
  trackingId: string;
  userIds: readonly string[];
  itemIds: readonly string[];
  /** What it was trained on. */
  data: string;
  stop(): Promise<void>;
}

/** Latency does not depend on how good the model is: a short training will do. */
const TRAINING_SECONDS = '20';

/**
 * Trains on ml-100k where `ATTUNE_DATASETS` has it, else on generated clicks of the same size, then serves.
 * Figures go to standard output, so what the server says goes to standard error.
 */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const { data, interactions } = await findInteractions(folder);
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--grpc-port', '0'];
  const server = spawn(process.execPath, [ATTUNE, 'demo', '--interactions', interactions, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ATTUNE_TRAINING_TIME_BUDGET: TRAINING_SECONDS, NO_COLOR: '1' },
  });
  const exited = once(server, 'exit');
  const seen: string[] = [];
  const lines = createInterface({ input: server.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      seen.push(line);
      if (line.startsWith('Serving.')) resolve();
    });
    void exited.then(() => reject(new Error(`The server ended:\n${seen.join('\n')}`)));
  });
  const word = (label: string) => new RegExp(`^  ${label} +(\\S+)`, 'm').exec(seen.join('\n'))?.[1] ?? '';
  const { userIds, itemIds } = await readIds(interactions);
  return {
    httpUrl: word('HTTP'),
    grpcAddress: word('gRPC'),
    campaignArn: word('CAMPAIGN'),
    trackingId: word('TRACKER'),
    userIds,
    itemIds,
    data,
    stop: async () => {
      server.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findInteractions(folder: string): Promise<{ data: string; interactions: string }> {
  const published = join(process.env.ATTUNE_DATASETS ?? '', 'ml-100k.interactions.csv.gz');
  if (process.env.ATTUNE_DATASETS && existsSync(published)) return { data: 'ml-100k', interactions: published };
  const interactions = join(folder, 'generated.csv');
  await writeFile(interactions, generateInteractions());
  return { data: 'generated, 100,000 interactions of 1,000 users with 1,700 items', interactions };
}

function generateInteractions(): string {
  const random = new Random(1);
  const lines = ['USER_ID,ITEM_ID,TIMESTAMP'];
  for (let user = 0; user < 1000; user++) {
    for (let event = 0; event < 100; event++) {
      lines.push(`${user},${Math.floor(random.uniform() ** 2 * 1700)},${1_700_000_000 + event * 60}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function readIds(interactions: string): Promise<{ userIds: string[]; itemIds: string[] }> {
  const bytes = await readFile(interactions);
  const text = (interactions.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const distinct = (column: number) => [...new Set(rows.map((row) => row[column] ?? ''))];
  return { userIds: distinct(0), itemIds: distinct(1) };
}
