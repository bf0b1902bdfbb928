import {
  beginTraining,
  createCampaign,
  createDatasetGroup,
  createSolution,
  createSolutionVersion,
  type Database,
  type DataMark,
  findCampaign,
  findSolutionVersion,
  finishSolutionVersion,
  migrate,
  openPglite,
  openPostgres,
  type SolutionDefinition,
} from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { type JobQueue, migrateJobs, openJobQueue } from '@attune/jobs';
import { createLogger, createMetrics, type Registry } from '@attune/service';
import { describeOnServers, emptyTables } from '@attune/testing';
import { type ControlMetrics, createControlMetrics } from './controlMetrics';

export const FILMS = datasetGroupName('films');
export const SOLUTION = 'arn:aws:personalize:us-east-1:000000000000:solution/films';
export const campaignArn = (name: string) => `arn:aws:personalize:us-east-1:000000000000:campaign/${name}`;
export const versionArn = (name: string) => `${SOLUTION}/${name}`;

/** Figures of a version beside those of another: NDCG@10, its difference and the difference's standard error. */
export interface Comparison {
  with: string;
  before: number;
  difference: number;
  standardError: number;
  cases?: number;
}

export interface NewVersion {
  /** Its line: the version it updates, and the full training at the root. */
  base?: { arn: string; fullArn: string };
  trainingType?: 'AUTOMATIC' | 'MANUAL';
  comparison?: Comparison;
  dataMark?: DataMark;
}

/** What happens to a solution's versions, without a trainer. */
export interface VersionLife {
  database: Database;
  jobs: JobQueue;
  registry: Registry;
  metrics: ControlMetrics;
  logger: ReturnType<typeof createLogger>;
  clock: { now: number };
  now(): number;
  /** Creates a version and makes it ACTIVE. @returns its ARN */
  train(name: string, version?: NewVersion): Promise<string>;
  deploy(name: string, solutionVersionArn: string | undefined, followsLatest: boolean): Promise<void>;
  /** The last part of the ARN of what a campaign serves. */
  served(name: string): Promise<string | undefined>;
  notDeployedReason(arn: string): Promise<string | undefined>;
  clear(definition?: SolutionDefinition): Promise<void>;
  stop(): Promise<void>;
}

/** Runs tests on PGlite and on PostgreSQL. */
export function describeOnBoth(name: string, tests: (open: () => Promise<Database>) => void): void {
  describe(`${name}, on PGlite`, () => tests(() => openPglite()));
  describeOnServers(`${name}, on PostgreSQL`, ['postgres'], (servers) =>
    tests(async () => openPostgres({ url: await servers.postgres.createDatabase() })),
  );
}

export async function startVersionLife(open: () => Promise<Database>): Promise<VersionLife> {
  const database = await open();
  await migrate(database);
  await migrateJobs(database);
  const registry = createMetrics();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const jobs = await openJobQueue({ database, metrics: registry, logger });
  const clock = { now: 1_000 };
  const now = () => clock.now;
  return {
    database,
    jobs,
    registry,
    metrics: createControlMetrics(registry),
    logger,
    clock,
    now,
    train: async (
      name,
      { base, trainingType = 'MANUAL', comparison, dataMark = { interaction: 0, items: 0 } } = {},
    ) => {
      const arn = versionArn(name);
      clock.now += 1;
      const version = { arn, solutionArn: SOLUTION, datasetGroup: FILMS, trainingType, createdAt: now() };
      await createSolutionVersion(database, { ...version, ...(base && { base }) });
      await beginTraining(database, arn, now());
      const metrics = comparison ? metricsOf(comparison) : {};
      await finishSolutionVersion(
        database,
        arn,
        { artifactUri: 's3://m', metrics, dataMark, trainingSeconds: 1 },
        now(),
      );
      return arn;
    },
    deploy: async (name, solutionVersionArn, followsLatest) => {
      const campaign = { arn: campaignArn(name), name, datasetGroup: FILMS, solutionArn: SOLUTION, followsLatest };
      await createCampaign(database, {
        ...campaign,
        ...(solutionVersionArn !== undefined && { solutionVersionArn }),
        createdAt: now(),
      });
    },
    served: async (name) => {
      const campaign = await findCampaign(database, campaignArn(name));
      return campaign?.solutionVersionArn?.split('/').at(-1);
    },
    notDeployedReason: async (arn) => (await findSolutionVersion(database, arn))?.notDeployedReason,
    clear: async (definition = {}) => {
      clock.now = 1_000;
      registry.resetMetrics();
      await emptyTables(database);
      await createDatasetGroup(database, { name: FILMS, createdAt: now() });
      const recipeArn = 'arn:aws:personalize:::recipe/aws-user-personalization';
      const solution = { arn: SOLUTION, name: 'films', datasetGroup: FILMS, recipeArn, definition, createdAt: now() };
      await createSolution(database, solution);
    },
    stop: async () => {
      await jobs.stop();
      await database.close();
    },
  };
}

const FIGURE = 'normalized_discounted_cumulative_gain_at_10';

function metricsOf({ with: comparedWith, before, difference, standardError, cases = 500 }: Comparison): object {
  const comparison = { before: { [FIGURE]: before }, difference, standardError };
  return { cases, model: { [FIGURE]: before + difference }, comparison, comparedWith };
}
