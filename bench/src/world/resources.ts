import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Personalize } from '@aws-sdk/client-personalize';
import type { Site } from './site';

/** What is created on a site for one policy: a dataset group of its own, so that no policy learns from another. */
export interface WorldResources {
  itemsArn: string;
  trackingId: string;
  campaignArn: string;
  /** Learns what is new since the last training, and moves the campaign to it. @returns the version's ARN */
  update(): Promise<string>;
  close(): void;
}

export interface WorldFiles {
  interactions: string;
  items: string;
}

/** How a campaign explores, as the control API takes it: texts by their names. */
export type Exploration = Readonly<Record<string, string>>;

/** Local servers take any credentials. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export const CLIENT_SETTINGS = { region: 'us-east-1', credentials: CREDENTIALS };

/** Imports the files, trains on them, and opens a campaign: all through the control API, with AWS's client. */
export async function createResources(
  { controlUrl, objects }: Pick<Site, 'controlUrl' | 'objects'>,
  name: string,
  files: WorldFiles,
  exploration: Exploration,
): Promise<WorldResources> {
  const personalize = new Personalize({ ...CLIENT_SETTINGS, endpoint: controlUrl });
  const { datasetGroupArn } = await personalize.createDatasetGroup({ name });
  const importDataset = async (kind: 'Interactions' | 'Items', fields: readonly object[], csv: string) => {
    const part = `${name}-${kind.toLowerCase()}`;
    const schema = JSON.stringify({ type: 'record', name: kind, namespace: 'attune.world', version: '1.0', fields });
    const { schemaArn } = await personalize.createSchema({ name: part, schema });
    const { datasetArn } = await personalize.createDataset({
      name: part,
      datasetGroupArn,
      datasetType: kind,
      schemaArn,
    });
    await mkdir(join(objects, 'world'), { recursive: true });
    await writeFile(join(objects, 'world', `${part}.csv`), csv);
    const { datasetImportJobArn } = await personalize.createDatasetImportJob({
      jobName: part,
      datasetArn,
      dataSource: { dataLocation: `s3://world/${part}.csv` },
      roleArn: 'arn:aws:iam::000000000000:role/personalize',
    });
    await ready(
      part,
      async () => (await personalize.describeDatasetImportJob({ datasetImportJobArn })).datasetImportJob,
    );
    return datasetArn!;
  };
  await importDataset('Interactions', INTERACTION_FIELDS, files.interactions);
  const itemsArn = await importDataset('Items', ITEM_FIELDS, files.items);

  const { solutionArn } = await personalize.createSolution({
    name,
    datasetGroupArn,
    recipeArn: 'arn:aws:personalize:::recipe/aws-user-personalization',
    performAutoTraining: false,
    solutionConfig: { algorithmHyperParameters: HYPERPARAMETERS },
  });
  const train = async (trainingMode: 'FULL' | 'UPDATE') => {
    const { solutionVersionArn } = await personalize.createSolutionVersion({ solutionArn, trainingMode });
    await ready(name, async () => (await personalize.describeSolutionVersion({ solutionVersionArn })).solutionVersion);
    return solutionVersionArn!;
  };
  const { campaignArn } = await personalize.createCampaign({
    name,
    solutionVersionArn: await train('FULL'),
    campaignConfig: { itemExplorationConfig: { ...exploration } },
  });
  await ready(name, async () => (await personalize.describeCampaign({ campaignArn })).campaign);
  const { trackingId } = await personalize.createEventTracker({ name, datasetGroupArn });
  return {
    itemsArn,
    trackingId: trackingId!,
    campaignArn: campaignArn!,
    update: async () => {
      const solutionVersionArn = await train('UPDATE');
      await personalize.updateCampaign({ campaignArn, solutionVersionArn });
      return solutionVersionArn;
    },
    close: () => personalize.destroy(),
  };
}

/** A small network: the world has some hundred items, and its model is trained dozens of times. */
const HYPERPARAMETERS = { hidden_dimension: '64' };

const INTERACTION_FIELDS = [
  { name: 'USER_ID', type: 'string' },
  { name: 'ITEM_ID', type: 'string' },
  { name: 'TIMESTAMP', type: 'long' },
  { name: 'EVENT_TYPE', type: 'string' },
];

const ITEM_FIELDS = [
  { name: 'ITEM_ID', type: 'string' },
  { name: 'TITLE', type: 'string' },
  { name: 'CATEGORY', type: ['null', 'string'], categorical: true },
  { name: 'STYLE', type: ['null', 'string'], categorical: true },
  { name: 'CREATION_TIMESTAMP', type: 'long' },
];

const LOOK_EVERY_MS = 100;

/** Waits until a resource is there. @throws Error with the reason where it failed */
async function ready(
  what: string,
  describe: () => Promise<{ status?: string | undefined; failureReason?: string | undefined } | undefined>,
): Promise<void> {
  for (;;) {
    const { status, failureReason } = (await describe()) ?? {};
    if (status === 'ACTIVE') return;
    if (status?.includes('FAILED')) throw new Error(`${what}: ${status}: ${failureReason}`);
    await pause(LOOK_EVERY_MS);
  }
}
