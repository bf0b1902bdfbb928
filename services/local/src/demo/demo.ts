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
import type { DemoSystem, DemoUrls } from './demoSystem';
import { joinDemoSystem, startDemoSystem } from './demoSystem';
import { findExampleUser } from './exampleUser';
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

  const attune = urls
    ? await joinDemoSystem(config, logger, urls)
    : await terminal.progress('start all services in this process', () =>
        startDemoSystem({ ...config, trainingTimeBudget: config.trainingTimeBudget || TRAINING_TIME_BUDGET_S }, logger),
      );
  stopOnSignals(attune.parts, { logger });
  const prepared = await prepareDemo(attune, data, terminal);
  showMetrics(terminal, prepared);

  const client = demoClient(attune.urls, prepared.campaignArn);
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
  showHowToGoOn(terminal, attune, prepared, user.userId, logFile);
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

function showHowToGoOn(
  terminal: Terminal,
  attune: DemoSystem,
  { campaignArn, trackingId }: PreparedDemo,
  userId: string,
  logFile: string,
): void {
  const { urls, grpcAddress, control } = attune;
  terminal.heading('Your turn');
  if (urls.events === urls.recommendations) {
    terminal.print(`  HTTP      ${urls.events}  (AWS shapes, /health, /metrics)`);
  } else {
    terminal.print(`  HTTP      ${urls.recommendations}  (recommendations, AWS shapes)`);
    terminal.print(`  HTTP      ${urls.events}  (events)`);
  }
  if (grpcAddress) terminal.print(`  gRPC      ${grpcAddress}  (attune.v1, with reflection)`);
  terminal.print(`  CAMPAIGN  ${campaignArn}`);
  terminal.print(`  TRACKER   ${trackingId}`);
  terminal.print(`  log       ${logFile}`);
  terminal.print(`\n${pc.dim('# boto3, unmodified')}`);
  terminal.print(
    `python3 -c "import boto3; print(boto3.client('personalize-runtime', endpoint_url='${urls.recommendations}', region_name='${control.scope.region}', aws_access_key_id='local', aws_secret_access_key='local').get_recommendations(campaignArn='${campaignArn}', userId='${userId}', numResults=5)['itemList'])"`,
  );
  if (grpcAddress) {
    terminal.print(`\n${pc.dim('# gRPC')}`);
    terminal.print(
      `grpcurl -plaintext -d '{"campaign_arn": "${campaignArn}", "user_id": "${userId}", "num_results": 5}' ${grpcAddress} attune.v1.RecommendationsService/GetRecommendations`,
    );
  }
  if (grpcAddress)
    terminal.print(`\nServing. ${pc.bold('Ctrl-C')} stops; the same command, or npx attune up, goes on from here.`);
}
