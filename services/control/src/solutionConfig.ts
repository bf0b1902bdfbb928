import type { SolutionConfig } from '@attune/aws';
import { InvalidInputError } from '@attune/domain';
import { parseHyperparameters, readSearch, recipeOf } from '@attune/recommender';
import type { Recipe } from './recipes';

/** How often a solution trains by itself, where the request does not say: the API's default. */
const DEFAULT_SCHEDULE = 'rate(7 days)';

const LONGEST_INTERVAL_DAYS = 30;

/** Members that the API has and that nothing here would act on: they are refused, so that nobody relies on them. */
const WITHOUT_EFFECT = {
  autoMLConfig: 'AutoML is outside of this project: choose a recipeArn.',
} as const;

/** Members of a solution that stand beside its configuration. */
interface SolutionSettings {
  eventType?: string | undefined;
  performHPO?: boolean | undefined;
}

/**
 * Checks how a solution shall train.
 * @returns the configuration with its defaults, as the API shows it
 * @throws InvalidInputError naming the member, its value and what is allowed
 */
export function readSolutionConfig(
  recipe: Recipe,
  given: SolutionConfig = {},
  { eventType, performHPO = false }: SolutionSettings = {},
): SolutionConfig {
  for (const [member, reason] of Object.entries(WITHOUT_EFFECT)) {
    if (given[member as keyof typeof WITHOUT_EFFECT] !== undefined) {
      throw new InvalidInputError(`solutionConfig.${member} has no effect. ${reason}`);
    }
  }
  checkHyperparameters(recipe, given);
  checkSearch(recipe, given, performHPO);
  checkEvents(given, eventType);
  checkObjective(given.optimizationObjective);
  checkSchedule(given.autoTrainingConfig);
  return {
    ...given,
    autoTrainingConfig: { schedulingExpression: given.autoTrainingConfig?.schedulingExpression ?? DEFAULT_SCHEDULE },
  };
}

/** The settings that filter histories may stand among the algorithm's, too, as older clients give them. */
function checkHyperparameters(
  recipe: Recipe,
  { algorithmHyperParameters = {}, featureTransformationParameters = {} }: SolutionConfig,
): void {
  const names = recipe.featureTransformation.map(({ name }) => name as string);
  for (const name of Object.keys(featureTransformationParameters)) {
    if (!names.includes(name)) {
      throw new InvalidInputError(
        `featureTransformationParameters.${name} is no parameter of ${recipe.name}. It has ${names.join(', ')}.`,
      );
    }
    if (Object.hasOwn(algorithmHyperParameters, name)) {
      throw new InvalidInputError(
        `${name} stands in both algorithmHyperParameters and featureTransformationParameters. Give it once.`,
      );
    }
  }
  parseHyperparameters({ ...featureTransformationParameters, ...algorithmHyperParameters }, recipeOf(recipe.name));
}

function checkSearch(
  recipe: Recipe,
  { hpoConfig, algorithmHyperParameters }: SolutionConfig,
  performHPO: boolean,
): void {
  if (performHPO) readSearch(recipe.name, recipe.algorithm, hpoConfig, algorithmHyperParameters);
  else if (hpoConfig !== undefined) {
    throw new InvalidInputError('solutionConfig.hpoConfig has no effect without performHPO: set it to true.');
  }
}

function checkThreshold(text: string | undefined): void {
  if (text === undefined) return;
  if (text.trim() === '' || !Number.isFinite(Number(text))) {
    throw new InvalidInputError(
      `solutionConfig.eventValueThreshold is "${text}". Expected a number, for example "3.5".`,
    );
  }
}

/**
 * Checks which events a solution trains on: by type, each with a threshold of its own, or else by one type and threshold.
 * @param eventType the solution's own
 */
export function checkEvents(
  { eventsConfig, eventValueThreshold }: Pick<SolutionConfig, 'eventsConfig' | 'eventValueThreshold'>,
  eventType: string | undefined,
): void {
  checkThreshold(eventValueThreshold);
  if (eventsConfig?.eventParametersList?.length && (eventType ?? eventValueThreshold) !== undefined) {
    throw new InvalidInputError(
      'eventsConfig names the types of events and their thresholds: eventType and eventValueThreshold beside it are one too many.',
    );
  }
  const seen = new Set<string>();
  const listed = eventsConfig?.eventParametersList ?? [];
  for (const [index, { eventType }] of listed.entries()) {
    const at = `eventsConfig.eventParametersList.${index + 1}.member.eventType`;
    if (eventType === undefined || eventType === '') throw new InvalidInputError(`${at} is missing.`);
    if (seen.has(eventType)) throw new InvalidInputError(`${at} is "${eventType}" once more. Give each type once.`);
    seen.add(eventType);
  }
  if (listed.length > 0 && listed.every(({ weight }) => weight === 0)) {
    throw new InvalidInputError(
      'eventsConfig gives every type of event the weight 0, so that there is nothing to predict. Give one a weight above 0, up to 1.',
    );
  }
}

function checkObjective(objective: SolutionConfig['optimizationObjective']): void {
  const sensitivity = objective?.objectiveSensitivity ?? (objective?.itemAttribute === undefined ? 'OFF' : 'given');
  if (sensitivity === 'OFF') return;
  throw new InvalidInputError(
    'solutionConfig.optimizationObjective has no effect yet: leave it out, or set objectiveSensitivity to OFF.',
  );
}

/** Checks how often a solution trains by itself: every 1 to 30 days. */
export function checkSchedule(autoTrainingConfig: SolutionConfig['autoTrainingConfig']): void {
  const expression = autoTrainingConfig?.schedulingExpression;
  if (expression === undefined) return;
  const days = Number(/\d+/.exec(expression)?.[0]);
  if (days >= 1 && days <= LONGEST_INTERVAL_DAYS) return;
  throw new InvalidInputError(
    `autoTrainingConfig.schedulingExpression is "${expression}". Expected rate(1 day) to rate(${LONGEST_INTERVAL_DAYS} days).`,
  );
}
