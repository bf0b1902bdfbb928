import { HRNN } from './hrnnRecipe';
import type { Recipe } from './recipe';
import type { RecipeName } from './recipeName';
import { TRANSFORMER } from './transformerRecipe';

const RECIPES: Readonly<Record<string, Recipe>> = {
  [HRNN.name]: HRNN,
  [TRANSFORMER.name]: TRANSFORMER,
};

/** The recipe of that name, undefined where there is none. */
export function findRecipe(name: string): Recipe | undefined {
  return RECIPES[name];
}

/** The recipe of that name. */
export function recipeOf(name: RecipeName): Recipe {
  const recipe = findRecipe(name);
  if (!recipe) throw new Error(`There is no recipe ${name}.`);
  return recipe;
}
