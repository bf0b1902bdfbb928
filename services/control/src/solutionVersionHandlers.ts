import type { ControlHandlers, ControlResponse } from '@attune/aws';
import {
  changeResources,
  listSolutionVersions,
  pageOfSolutionVersions,
  type Queryable,
  type Solution,
  type SolutionVersion,
  stopSolutionVersion,
} from '@attune/database';
import {
  type ArnScope,
  type DatasetGroupName,
  InvalidInputError,
  ResourceAlreadyExistsError,
  ResourceInUseError,
  resourceArn,
} from '@attune/domain';
import type { ModelMetrics, TrainingStory } from '@attune/recommender';
import type { ControlParts } from './controlParts';
import { createTraining } from './createTraining';
import { listPage } from './listPage';
import { requireSolution, requireSolutionVersion } from './requireResource';
import { tagResource } from './resourceTags';

type Operation =
  | 'CreateSolutionVersion'
  | 'DescribeSolutionVersion'
  | 'ListSolutionVersions'
  | 'StopSolutionVersionCreation'
  | 'GetSolutionMetrics';

type Parts = Pick<ControlParts, 'database' | 'jobs' | 'scope' | 'now'>;

export function solutionVersionHandlers(parts: Parts): Pick<ControlHandlers, Operation> {
  const { database, scope, now } = parts;
  return {
    CreateSolutionVersion: async ({ solutionArn, trainingMode = 'FULL', name, tags }) => {
      if (trainingMode === 'AUTOTRAIN') {
        throw new InvalidInputError(
          'trainingMode is AUTOTRAIN, which marks versions of other recipes. Expected FULL or UPDATE.',
        );
      }
      const solutionVersionArn = await changeResources(database, async (transaction) => {
        const solution = await requireSolution(transaction, scope, solutionArn);
        if (name !== undefined) await requireNameFree(transaction, solution, name);
        const training = { solution, trainingMode, trainingType: 'MANUAL' as const, name };
        const arn = await createTraining(parts, transaction, training);
        await tagResource(transaction, arn, tags);
        return arn;
      });
      return { solutionVersionArn };
    },

    DescribeSolutionVersion: async ({ solutionVersionArn }) => {
      const version = await requireSolutionVersion(database, scope, solutionVersionArn);
      const solution = await requireSolution(database, scope, version.solutionArn);
      return { solutionVersion: description(scope, version, solution) };
    },

    ListSolutionVersions: async (request) => {
      const { solutionArn: within } = request;
      if (within !== undefined) await requireSolution(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListSolutionVersions',
        within,
        request,
        read: (page) => pageOfSolutionVersions(database, within, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { solutionVersions: items.map(versionSummary), ...next };
    },

    StopSolutionVersionCreation: async ({ solutionVersionArn }) => {
      const { arn } = await requireSolutionVersion(database, scope, solutionVersionArn);
      if (await stopSolutionVersion(database, arn, now())) return {};
      const { status } = await requireSolutionVersion(database, scope, arn);
      throw new InvalidInputError(`${arn} is ${status}. Only CREATE PENDING and CREATE IN_PROGRESS can be stopped.`);
    },

    GetSolutionMetrics: async ({ solutionVersionArn }) => {
      const { status, metrics } = await requireSolutionVersion(database, scope, solutionVersionArn);
      if (status === 'ACTIVE') {
        const { model } = metrics as unknown as ModelMetrics;
        return { solutionVersionArn, metrics: { ...model } };
      }
      const message = `${solutionVersionArn} is ${status}. It has metrics once it is ACTIVE.`;
      if (/PENDING|IN_PROGRESS/.test(status)) throw new ResourceInUseError(message);
      throw new InvalidInputError(message);
    },
  };
}

/** Queues a full training of a solution. @returns the ARN of the new version */
export function startSolutionVersion(
  parts: Parts,
  { solutionArn }: { solutionArn: string; datasetGroup: DatasetGroupName },
): Promise<string> {
  return changeResources(parts.database, async (transaction) => {
    const solution = await requireSolution(transaction, parts.scope, solutionArn);
    return createTraining(parts, transaction, { solution, trainingMode: 'FULL', trainingType: 'MANUAL' });
  });
}

async function requireNameFree(db: Queryable, { arn }: Solution, name: string): Promise<void> {
  const taken = (await listSolutionVersions(db, arn)).find((version) => version.name === name);
  if (taken) throw new ResourceAlreadyExistsError(`${arn} has a version with the name "${name}": ${taken.arn}.`);
}

type VersionSummary = NonNullable<ControlResponse<'ListSolutionVersions'>['solutionVersions']>[number];

/** A version as lists of versions show it. */
export function versionSummary(version: SolutionVersion): VersionSummary {
  return {
    solutionVersionArn: version.arn,
    status: version.status,
    trainingMode: version.trainingMode,
    trainingType: version.trainingType,
    failureReason: version.failureReason,
    creationDateTime: version.createdAt,
    lastUpdatedDateTime: version.updatedAt,
  };
}

type Description = NonNullable<ControlResponse<'DescribeSolutionVersion'>['solutionVersion']>;

const SECONDS_PER_HOUR = 3600;

/** The settings are those that the version was made with. An update keeps the hyperparameters of its base. */
function description(scope: ArnScope, version: SolutionVersion, { recipeArn }: Solution): Description {
  const { definition, trainingSeconds } = version;
  const { search } = (version.story ?? {}) as Partial<TrainingStory>;
  const best = search?.trials.find(({ status }) => status === 'best');
  return {
    ...versionSummary(version),
    name: version.name,
    solutionArn: version.solutionArn,
    datasetGroupArn: resourceArn(scope, 'dataset-group', version.datasetGroup),
    recipeArn,
    performHPO: definition.performHPO === true && version.trainingMode === 'FULL',
    performAutoML: false,
    performIncrementalUpdate: false,
    eventType: definition.eventType as string | undefined,
    solutionConfig: definition.solutionConfig as Description['solutionConfig'],
    trainingHours: trainingSeconds === undefined ? undefined : trainingSeconds / SECONDS_PER_HOUR,
    tunedHPOParams:
      version.status === 'ACTIVE' && best ? { algorithmHyperParameters: { ...best.hyperparameters } } : undefined,
  };
}
