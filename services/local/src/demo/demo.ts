import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ModelMetrics } from '@attune/recommender';
import { createLogger, stopOnSignals } from '@attune/service';
import pc from 'picocolors';
import type { LocalConfig } from '../localConfig';
import type { Terminal } from '../terminal';
import type { DemoClient } from './client';
import { demoClient } from './client';
import type { OwnFiles } from './demoData';
import { findDemoData } from './demoData';
import { findDemoKey } from './demoKey';
import type { DemoUrls } from './demoSystem';
import { joinDemoSystem, startDemoSystem } from './demoSystem';
import { findExampleUser } from './exampleUser';
import { showHowToGoOn } from './howToGoOn';
import { readItemNames } from './itemNames';
import { metricsTable } from './metricsTable';
import { play } from './play';
import type { PreparedDemo } from './prepare';
import { prepareDemo } from './prepare';

export interface DemoOptions {
  config: LocalConfig;
  terminal: Terminal;
  own?: OwnFiles;
  /** Services that run already, to play on; absent, they are started in this process. */
  urls?: DemoUrls;
  /** Stop after the play. */
  exit: boolean;
}

/**
 * Seconds that the demo's training may take where nothing else is set: with the rest of the demo under five minutes on
 * two cores.
 */
const TRAINING_TIME_BUDGET_S = 150;

/** `attune demo`: data, training, metrics, one user's session, and then a server to try. */
export async function demo({ config, terminal, own, urls, exit }: DemoOptions): Promise<void> {
  await mkdir(config.dataDir, { recursive: true });
  const logFile = join(config.dataDir, 'attune.log');
  // The terminal belongs to the play: logs go to a file beside the data.
  const logger = createLogger({
    service: 'attune',
    level: config.logLevel,
    destination: createWriteStream(logFile, { flags: 'a' }),
  });
  terminal.heading('Attune');
  const data = await findDemoData({
    ...(own && { own }),
    ...(config.datasets !== '' && { datasetsFolder: config.datasets }),
    cacheFolder: join(config.dataDir, 'downloads'),
    report: (line) => terminal.print(pc.yellow(line)),
  });
  terminal.print(data.description);
  if (data.licence !== undefined) terminal.print(pc.dim(data.licence));
  // Looked for now: whoever lacks one should not wait for a training first.
  const key = await findDemoKey(config, data.datasetGroup);

  const attune = urls
    ? await joinDemoSystem(config, logger, urls)
    : await terminal.progress('start all services in this process', () =>
        startDemoSystem({ ...config, trainingTimeBudget: config.trainingTimeBudget || TRAINING_TIME_BUDGET_S }, logger),
      );
  stopOnSignals(attune.parts, { logger });
  const prepared = await prepareDemo(attune, data, terminal);
  showMetrics(terminal, prepared);

  const client = demoClient(attune.urls, prepared.campaignArn, key);
  const user = await findExampleUser(attune.control.database, prepared.datasetGroup);
  await untilServed(client, user.userId);
  await play({
    terminal,
    client,
    names: await readItemNames(attune.control.database, prepared.datasetGroup),
    user,
    trackingId: prepared.trackingId,
    sessionId: randomUUID(),
  });
  if (exit || urls) await attune.stop();
  if (exit) return;
  showHowToGoOn({ terminal, attune, prepared, userId: user.userId, key, logFile });
}

function showMetrics(terminal: Terminal, { version }: PreparedDemo): void {
  terminal.heading('How good it is');
  const metrics = version.metrics as unknown as ModelMetrics;
  for (const line of metricsTable(metrics)) terminal.print(line);
}

/** Inference hears of a new model over the bus: a moment after its training is done. */
async function untilServed(client: DemoClient, userId: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      await client.recommend(userId, 1);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(50);
    }
  }
}
