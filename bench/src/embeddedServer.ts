import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { printedWord, spawnDemo } from './attuneDemo';
import type { TrainedServer } from './trainedServer';
import { findTrainingData, TRAINING_SECONDS } from './trainingData';

/** One process is control, too. */
export interface EmbeddedServer extends TrainedServer {
  httpUrl: string;
}

/** Trains, then serves: all services in one process, on the embedded parts. */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const data = await findTrainingData(folder);
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--grpc-port', '0'];
  const server = spawnDemo(data.interactions, flags, { ATTUNE_TRAINING_TIME_BUDGET: TRAINING_SECONDS });
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
  const output = seen.join('\n');
  const address = printedWord(output, 'gRPC');
  return {
    httpUrl: printedWord(output, 'HTTP'),
    controlUrl: printedWord(output, 'HTTP'),
    eventsAddress: address,
    recommendationsAddress: address,
    campaignArn: printedWord(output, 'CAMPAIGN'),
    trackingId: printedWord(output, 'TRACKER'),
    data,
    stop: async () => {
      server.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
