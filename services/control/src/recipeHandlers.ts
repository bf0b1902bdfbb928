import type { ControlHandlers, ControlResponse } from '@attune/aws';
import { type ArnKind, type ArnScope, ResourceNotFoundError, requireArn } from '@attune/domain';
import type { HyperparameterSpec } from '@attune/recommender';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { RECIPES, type Recipe } from './recipes';

type Operation = 'DescribeRecipe' | 'ListRecipes' | 'DescribeAlgorithm' | 'DescribeFeatureTransformation';

export function recipeHandlers({ scope }: Pick<ResourceParts, 'scope'>): Pick<ControlHandlers, Operation> {
  return {
    DescribeRecipe: async ({ recipeArn }) => {
      const recipe = findRecipe(scope, 'recipe', recipeArn, ({ arn }) => arn);
      return {
        recipe: {
          ...summary(recipe),
          algorithmArn: recipe.algorithmArn,
          featureTransformationArn: recipe.featureTransformationArn,
          description: recipe.description,
          recipeType: recipe.type,
        },
      };
    },

    ListRecipes: async ({ domain, ...request }) => {
      const { items, ...next } = await listPage({
        operation: 'ListRecipes',
        within: domain,
        request,
        // Recipes for a domain are the use cases of recommenders, of which there are none.
        read: async ({ limit, after }) => {
          const start = after ? RECIPES.findIndex(({ arn }) => arn === after.id) + 1 : 0;
          return domain === undefined ? RECIPES.slice(start, start + limit) : [];
        },
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { recipes: items.map(summary), ...next };
    },

    DescribeAlgorithm: async ({ algorithmArn }) => {
      const recipe = findRecipe(scope, 'algorithm', algorithmArn, (each) => each.algorithmArn);
      return {
        algorithm: {
          name: recipe.name,
          algorithmArn,
          defaultHyperParameters: defaults(recipe.algorithm),
          defaultHyperParameterRanges: ranges(recipe.algorithm),
          ...times(recipe),
        },
      };
    },

    DescribeFeatureTransformation: async ({ featureTransformationArn: arn }) => {
      const recipe = findRecipe(scope, 'feature-transformation', arn, (each) => each.featureTransformationArn);
      return {
        featureTransformation: {
          name: arn.slice(arn.lastIndexOf('/') + 1),
          featureTransformationArn: arn,
          defaultParameters: defaults(recipe.featureTransformation),
          status: 'ACTIVE',
          ...times(recipe),
        },
      };
    },
  };
}

function findRecipe(scope: ArnScope, kind: ArnKind, arn: string, arnOf: (recipe: Recipe) => string): Recipe {
  requireArn(scope, kind, arn);
  const recipe = RECIPES.find((each) => arnOf(each) === arn);
  if (recipe) return recipe;
  throw new ResourceNotFoundError(
    `There is no ${kind.replaceAll('-', ' ')} ${arn}. There is ${RECIPES.map(arnOf).join(', ')}.`,
  );
}

type Summary = NonNullable<ControlResponse<'ListRecipes'>['recipes']>[number];

function summary(recipe: Recipe): Summary {
  return { name: recipe.name, recipeArn: recipe.arn, status: 'ACTIVE', ...times(recipe) };
}

function times({ createdAt }: Recipe) {
  return { creationDateTime: createdAt, lastUpdatedDateTime: createdAt };
}

function defaults(specs: readonly HyperparameterSpec[]): Record<string, string> {
  return Object.fromEntries(specs.map((spec) => [spec.name, String(spec.default)]));
}

type Ranges = NonNullable<
  NonNullable<ControlResponse<'DescribeAlgorithm'>['algorithm']>['defaultHyperParameterRanges']
>;

function ranges(specs: readonly HyperparameterSpec[]): Ranges {
  const ofType = (type: HyperparameterSpec['type']) => specs.filter((spec) => spec.type === type);
  const numeric = ({ name, minimum, maximum, tunable }: HyperparameterSpec) => ({
    name,
    minValue: minimum,
    maxValue: maximum,
    isTunable: tunable,
  });
  return {
    integerHyperParameterRanges: ofType('integer').map(numeric),
    continuousHyperParameterRanges: ofType('float').map(numeric),
    categoricalHyperParameterRanges: ofType('boolean').map(({ name, tunable }) => ({
      name,
      values: ['true', 'false'],
      isTunable: tunable,
    })),
  };
}
