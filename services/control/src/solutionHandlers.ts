import type { ControlHandlers, ControlResponse, SolutionConfig } from '@attune/aws';
import {
  changeResources,
  createSolution,
  findSolution,
  listSolutionVersions,
  pageOfSolutions,
  type Solution,
  type SolutionDefinition,
  updateSolution,
} from '@attune/database';
import { type DatasetGroupName, InvalidInputError, resourceArn } from '@attune/domain';
import type { ControlParts, ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { RECIPES, type Recipe, USER_PERSONALIZATION } from './recipes';
import { requireDatasetGroup, requireSolution } from './requireResource';
import { tagResource } from './resourceTags';
import { checkEvents, checkSchedule, readSolutionConfig } from './solutionConfig';
import { removeSolution } from './solutionRemoval';
import { versionSummary } from './solutionVersionHandlers';
import { checkTrainingColumns } from './trainingColumns';

type Operation = 'CreateSolution' | 'DescribeSolution' | 'ListSolutions' | 'UpdateSolution' | 'DeleteSolution';

type Parts = Pick<ControlParts, 'database' | 'objects' | 'scope' | 'now' | 'logger'>;

export function solutionHandlers(parts: Parts): Pick<ControlHandlers, Operation> {
  const { database, scope, now } = parts;
  return {
    CreateSolution: async ({ name, datasetGroupArn, tags, ...request }) => {
      const recipe = requireRecipe(request.recipeArn);
      refuseAutomation(request);
      const arn = resourceArn(scope, 'solution', name);
      const { eventType, performAutoTraining = true, performHPO = false } = request;
      const solutionConfig = readSolutionConfig(recipe, request.solutionConfig, { eventType, performHPO });
      const definition = { performAutoTraining, performHPO, eventType, solutionConfig } as SolutionDefinition;
      await changeResources(database, async (transaction) => {
        const { name: datasetGroup } = await requireDatasetGroup(transaction, scope, datasetGroupArn);
        const { trainingDataConfig } = solutionConfig;
        if (trainingDataConfig) await checkTrainingColumns(transaction, datasetGroup, trainingDataConfig);
        const solution = { arn, name, datasetGroup, recipeArn: recipe.arn, definition, createdAt: now() };
        await createSolution(transaction, solution);
        await tagResource(transaction, arn, tags);
      });
      return { solutionArn: arn };
    },

    DescribeSolution: async ({ solutionArn }) => {
      const solution = await requireSolution(database, scope, solutionArn);
      const [latest] = await listSolutionVersions(database, solutionArn);
      return {
        solution: {
          ...summary(solution),
          performHPO: false,
          performAutoML: false,
          performIncrementalUpdate: false,
          ...solution.definition,
          datasetGroupArn: resourceArn(scope, 'dataset-group', solution.datasetGroup),
          latestSolutionVersion: latest && versionSummary(latest),
          latestSolutionUpdate: solution.latestUpdate,
        },
      };
    },

    ListSolutions: async (request) => {
      const { datasetGroupArn: within } = request;
      const group = within === undefined ? undefined : await requireDatasetGroup(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListSolutions',
        within,
        request,
        read: (page) => pageOfSolutions(database, group?.name, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { solutions: items.map(summary), ...next };
    },

    UpdateSolution: async ({ solutionArn, solutionUpdateConfig = {}, ...request }) => {
      refuseAutomation(request);
      checkSchedule(solutionUpdateConfig.autoTrainingConfig);
      const { performAutoTraining } = request;
      if (
        performAutoTraining === undefined &&
        Object.values(solutionUpdateConfig).every((each) => each === undefined)
      ) {
        throw new InvalidInputError('Nothing to update: give performAutoTraining or solutionUpdateConfig.');
      }
      await changeResources(database, async (transaction) => {
        const { definition } = await requireSolution(transaction, scope, solutionArn);
        const { eventValueThreshold } = (definition.solutionConfig ?? {}) as SolutionConfig;
        const { eventsConfig } = solutionUpdateConfig;
        checkEvents({ eventsConfig, eventValueThreshold }, definition.eventType as string | undefined);
        const at = now();
        const times = { creationDateTime: at, lastUpdatedDateTime: at };
        await updateSolution(
          transaction,
          solutionArn,
          {
            definition: {
              ...definition,
              ...(performAutoTraining !== undefined && { performAutoTraining }),
              solutionConfig: { ...definition.solutionConfig, ...solutionUpdateConfig },
            },
            latestUpdate: { solutionUpdateConfig, performAutoTraining, status: 'ACTIVE', ...times },
          },
          at,
        );
      });
      return { solutionArn };
    },

    DeleteSolution: async ({ solutionArn }) => {
      await removeSolution(parts, solutionArn);
      return {};
    },
  };
}

/** Makes sure that there is a solution of this name, with the defaults of CreateSolution. @returns its ARN */
export async function ensureSolution(
  { database, scope, now }: ResourceParts,
  { name, datasetGroup }: { name: string; datasetGroup: DatasetGroupName },
): Promise<string> {
  const arn = resourceArn(scope, 'solution', name);
  const [recipe] = RECIPES as [Recipe];
  const definition = { performAutoTraining: true, solutionConfig: readSolutionConfig(recipe) } as SolutionDefinition;
  return changeResources(database, async (transaction) => {
    if (!(await findSolution(transaction, arn))) {
      const solution = { arn, name, datasetGroup, recipeArn: recipe.arn, definition, createdAt: now() };
      await createSolution(transaction, solution);
    }
    return arn;
  });
}

interface Automation {
  performAutoML?: boolean | undefined;
  performIncrementalUpdate?: boolean | undefined;
}

const WITHOUT_EFFECT: Readonly<Record<keyof Automation, string>> = {
  performAutoML: `AutoML is outside of this project: leave performAutoML out, and give a recipeArn.`,
  performIncrementalUpdate: `It belongs to a recipe that is not offered. A deployed solution of ${USER_PERSONALIZATION} is updated by itself without it.`,
};

function refuseAutomation(request: Automation): void {
  for (const [member, reason] of Object.entries(WITHOUT_EFFECT)) {
    if (request[member as keyof Automation]) throw new InvalidInputError(`${member} is true. ${reason}`);
  }
}

function requireRecipe(arn: string | undefined): Recipe {
  const recipe = RECIPES.find((each) => each.arn === arn);
  if (recipe) return recipe;
  const given = arn === undefined ? 'is missing' : `is "${arn}"`;
  throw new InvalidInputError(`recipeArn ${given}. Expected ${RECIPES.map((each) => each.arn).join(' or ')}.`);
}

type Summary = NonNullable<ControlResponse<'ListSolutions'>['solutions']>[number];

function summary({ arn, name, recipeArn, createdAt, updatedAt }: Solution): Summary {
  return {
    name,
    solutionArn: arn,
    recipeArn,
    status: 'ACTIVE',
    creationDateTime: createdAt,
    lastUpdatedDateTime: updatedAt,
  };
}
