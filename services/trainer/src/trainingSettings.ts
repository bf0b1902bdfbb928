import { type Database, findSolution, type SolutionVersion } from '@attune/database';
import { findRecipe, type GivenSearch, readSearch } from '@attune/recommender';
import type { TrainingJob } from './trainingJob';

/** Which recipe a version trains, and with what, as its solution says. An update keeps the hyperparameters of its base. */
export async function readTrainingSettings(
  database: Database,
  { solutionArn, definition, baseArn }: SolutionVersion,
): Promise<Pick<TrainingJob, 'recipe' | 'hyperparameters' | 'search'>> {
  const solution = await findSolution(database, solutionArn);
  const recipe = findRecipe(solution?.recipeArn.split('/').at(-1) ?? '');
  if (!recipe) throw new Error(`${solutionArn} has the recipe ${solution?.recipeArn}, which no one here can train.`);
  const { featureTransformationParameters, algorithmHyperParameters, hpoConfig } = (definition.solutionConfig ??
    {}) as TrainedConfig;
  return {
    recipe: recipe.name,
    // The settings that filter histories are the network's, too.
    hyperparameters: { ...featureTransformationParameters, ...algorithmHyperParameters },
    ...(definition.performHPO === true &&
      baseArn === undefined && {
        search: readSearch(recipe.name, recipe.hyperparameters, hpoConfig, algorithmHyperParameters),
      }),
  };
}

interface TrainedConfig {
  featureTransformationParameters?: Record<string, string>;
  algorithmHyperParameters?: Record<string, string>;
  hpoConfig?: GivenSearch;
}
