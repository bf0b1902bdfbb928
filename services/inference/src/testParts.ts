import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, openEmbeddedLog } from '@attune/bus';
import {
  beginTraining,
  createCampaign,
  createDatasetGroup,
  createSolution,
  createSolutionVersion,
  type Database,
  finishSolutionVersion,
  migrate,
  openPglite,
  pointCampaign,
} from '@attune/database';
import { type ArnScope, datasetGroupName } from '@attune/domain';
import { directoryObjectStore, type ObjectStore } from '@attune/objectstore';
import { createLogger, type Logger } from '@attune/service';
import { type TestModelOptions, testArtifact } from './testModel';

export const shop = datasetGroupName('shop');
export const SOLUTION_ARN = 'arn:aws:personalize:us-east-1:000000000000:solution/shop';
export const CAMPAIGN_ARN = 'arn:aws:personalize:us-east-1:000000000000:campaign/shop';

export const versionArn = (version: string) => `${SOLUTION_ARN}/${version}`;
export const artifactUri = (version: string) => `s3://attune/models/shop/${version}`;

/** The embedded parts that inference works on, with a dataset group and a solution in them. */
export interface TestParts {
  database: Database;
  bus: Bus;
  objects: ObjectStore;
  logger: Logger;
  scope: ArnScope;
  /** Puts the artifact of a test model into the object store, as the version's. */
  train(version: string, model: TestModelOptions): Promise<void>;
  /** Marks a solution version ACTIVE, whatever lies in the object store. */
  activate(version: string): Promise<void>;
  /** Creates the campaign, or points it to another version. */
  deploy(version: string | undefined, settings?: object, itemExplorationConfig?: object): Promise<void>;
  close(): Promise<void>;
}

export async function openTestParts(now: () => number): Promise<TestParts> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-inference-'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const database = await openPglite();
  await migrate(database);
  const bus = await openEmbeddedLog({ database, logger });
  const objects = directoryObjectStore(folder);
  await createDatasetGroup(database, { name: shop, createdAt: now() });
  await createSolution(database, {
    arn: SOLUTION_ARN,
    name: 'shop',
    datasetGroup: shop,
    recipeArn: 'arn:aws:personalize:::recipe/aws-user-personalization',
    definition: {},
    createdAt: now(),
  });
  const activate = async (version: string) => {
    const arn = versionArn(version);
    await createSolutionVersion(database, { arn, solutionArn: SOLUTION_ARN, datasetGroup: shop, createdAt: now() });
    await beginTraining(database, arn, now());
    const dataMark = { interaction: 0, items: 0 };
    const result = { artifactUri: artifactUri(version), metrics: {}, dataMark, trainingSeconds: 1 };
    await finishSolutionVersion(database, arn, result, now());
  };
  let deployed = false;
  return {
    database,
    bus,
    objects,
    logger,
    scope: { region: 'us-east-1', accountId: '000000000000' },
    activate,
    train: async (version, model) => {
      for (const [name, bytes] of testArtifact(model)) await objects.put(`${artifactUri(version)}/${name}`, bytes);
      await activate(version);
    },
    deploy: async (version, settings = {}, itemExplorationConfig = { explorationWeight: '0' }) => {
      if (deployed) return pointCampaign(database, CAMPAIGN_ARN, versionArn(version!), now());
      deployed = true;
      await createCampaign(database, {
        arn: CAMPAIGN_ARN,
        name: 'shop',
        datasetGroup: shop,
        solutionArn: SOLUTION_ARN,
        ...(version !== undefined && { solutionVersionArn: versionArn(version) }),
        settings: settings as Record<string, unknown>,
        config: { itemExplorationConfig },
        createdAt: now(),
      });
    },
    close: async () => {
      await bus.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}
