import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ensureCampaign,
  ensureDatasetGroup,
  ensureEventTracker,
  ensureSolution,
  importDataset,
  metadataColumns,
  openCsvFile,
  startSolutionVersion,
} from '@attune/control';
import type { SolutionVersion } from '@attune/database';
import { findCampaign, findSolutionVersion, listSolutionVersions } from '@attune/database';
import type { DatasetGroupName, TrackingId } from '@attune/domain';
import { datasetGroupName, NotReadyError } from '@attune/domain';
import type { TrainingProgress } from '@attune/recommender';
import type { Terminal } from '../terminal';
import { writeWhole } from '../writeWhole';
import type { DemoData } from './demoData';
import type { DemoSystem } from './demoSystem';

/** Where the data goes. */
type Site = Pick<DemoSystem, 'control' | 'folders'>;

/** Everything the play needs, imported and trained. */
export interface PreparedDemo {
  datasetGroup: DatasetGroupName;
  trackingId: TrackingId;
  campaignArn: string;
  version: SolutionVersion;
}

/**
 * Imports the data and trains on it, unless the data folder holds both from an earlier run with the same files.
 * @throws InvalidInputError where a file can't be read or is wrong
 * @throws NotReadyError with the reason where training failed
 */
export async function prepareDemo(attune: Site, data: DemoData, terminal: Terminal): Promise<PreparedDemo> {
  const { control, folders } = attune;
  const datasetGroup = datasetGroupName(data.datasetGroup);
  const importMark = join(folders.demo, `${datasetGroup}.sha256`);
  for (const file of Object.values(data.files)) await openCsvFile(file);
  const fingerprint = await fingerprintOf(data.files);
  const imported = (await readFile(importMark, 'utf8').catch(() => undefined)) === fingerprint;

  await ensureDatasetGroup(control, datasetGroup, await metadataColumns(data.files));
  if (!imported) {
    await terminal.progress('import', (update) =>
      importDataset(control, { datasetGroup, files: data.files }, ({ fraction }) => update(fraction)),
    );
    await writeWhole(importMark, fingerprint);
  }
  const trackingId = await ensureEventTracker(control, datasetGroup);
  const solutionArn = await ensureSolution(control, { name: datasetGroup, datasetGroup });
  // So that lists change with the user's clicks and with nothing else.
  const campaignConfig = { itemExplorationConfig: { explorationWeight: '0' } };
  const campaignArn = await ensureCampaign(control, { name: datasetGroup, datasetGroup, solutionArn, campaignConfig });
  const trained = imported ? await latestActive(attune, solutionArn) : undefined;
  if (trained) {
    terminal.print('The data folder holds this data and a model trained on it: going on from there.');
    return { datasetGroup, trackingId, campaignArn, version: trained };
  }
  const versionArn = await startSolutionVersion(control, { solutionArn, datasetGroup });
  const version = await terminal.progress('train aws-user-personalization', (update) =>
    waitUntilTrained(attune, versionArn, update),
  );
  await waitUntilDeployed(attune, campaignArn);
  return { datasetGroup, trackingId, campaignArn, version };
}

async function fingerprintOf(files: DemoData['files']): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [files.interactions, files.items, files.users]) {
    hash.update(file === undefined ? '-' : '+');
    if (file !== undefined) await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}

async function latestActive({ control }: Site, solutionArn: string): Promise<SolutionVersion | undefined> {
  return (await listSolutionVersions(control.database, solutionArn)).find(({ status }) => status === 'ACTIVE');
}

/** How often the training's progress is looked up: as often as a bar is redrawn. */
const LOOK_EVERY_MS = 200;

async function waitUntilTrained(
  { control }: Site,
  arn: string,
  update: (fraction: number, note?: string) => void,
): Promise<SolutionVersion> {
  for (;;) {
    const version = await findSolutionVersion(control.database, arn);
    if (version?.status === 'ACTIVE') return version;
    if (version?.status === 'CREATE FAILED') throw new NotReadyError(`Training failed: ${version.failureReason}`);
    const progress = version?.progress as TrainingProgress | undefined;
    if (progress) update(progress.fraction, describeTraining(progress));
    await pause(LOOK_EVERY_MS);
  }
}

/** A campaign moves to a version some moments after its training is done. */
async function waitUntilDeployed({ control }: Site, campaignArn: string): Promise<void> {
  while ((await findCampaign(control.database, campaignArn))?.solutionVersionArn === undefined) {
    await pause(LOOK_EVERY_MS);
  }
}

function describeTraining({ phase, epoch, loss, validation }: TrainingProgress): string {
  if (phase !== 'training') return phase;
  const quality = validation === undefined ? '' : `, validation NDCG@10 ${validation.toFixed(4)}`;
  return `epoch ${epoch}, loss ${loss.toFixed(3)}${quality}`;
}
