/** How a solution trains: the shape that solutions and solution versions share. */
import { z } from 'zod';
import { integer, text } from './members';
import { arn, parameterName, parameters, trainingDataConfig } from './personalizeMembers';

export const eventType = text({ max: 256 });
const metricName = text({ max: 256 });

const integerRange = z
  .object({ name: parameterName, minValue: integer({ min: -1_000_000 }), maxValue: integer({ max: 1_000_000 }) })
  .partial();
// The API gives the upper end of a continuous range a minimum, where an integer range has a maximum. Kept as it is:
// a range that it lets through is checked against the recipe's own range anyway.
const continuousRange = z
  .object({ name: parameterName, minValue: z.number().min(-1_000_000), maxValue: z.number().min(-1_000_000) })
  .partial();
const categoricalRange = z.object({ name: parameterName, values: z.array(text({ max: 1000 })).max(100) }).partial();

const hyperParameterRanges = z
  .object({
    integerHyperParameterRanges: z.array(integerRange).max(100),
    continuousHyperParameterRanges: z.array(continuousRange).max(100),
    categoricalHyperParameterRanges: z.array(categoricalRange).max(100),
  })
  .partial();

const isTunable = { isTunable: z.boolean().optional() };

/** The ranges of an algorithm, which also say what HPO may tune. */
export const defaultHyperParameterRanges = z
  .object({
    integerHyperParameterRanges: z.array(integerRange.extend(isTunable)).max(100),
    continuousHyperParameterRanges: z.array(continuousRange.extend(isTunable)).max(100),
    categoricalHyperParameterRanges: z.array(categoricalRange.extend(isTunable)).max(100),
  })
  .partial();

const hpoConfig = z
  .object({
    hpoObjective: z.object({ type: text({ max: 256 }), metricName, metricRegex: text({ max: 256 }) }).partial(),
    hpoResourceConfig: z
      .object({ maxNumberOfTrainingJobs: text({ max: 256 }), maxParallelTrainingJobs: text({ max: 256 }) })
      .partial(),
    algorithmHyperParameterRanges: hyperParameterRanges,
  })
  .partial();

export const eventsConfig = z
  .object({
    eventParametersList: z
      .array(z.object({ eventType, eventValueThreshold: z.number(), weight: z.number().min(0).max(1) }).partial())
      .max(10),
  })
  .partial();

export const autoTrainingConfig = z
  .object({ schedulingExpression: text({ min: 1, max: 16, pattern: String.raw`rate\(\d+ days?\)` }) })
  .partial();

const optimizationObjective = z
  .object({
    itemAttribute: text({ min: 1, max: 150 }),
    objectiveSensitivity: z.enum(['LOW', 'MEDIUM', 'HIGH', 'OFF']),
  })
  .partial();

export const solutionConfig = z
  .object({
    eventValueThreshold: text({ max: 256 }),
    hpoConfig,
    algorithmHyperParameters: parameters,
    featureTransformationParameters: parameters,
    autoMLConfig: z.object({ metricName, recipeList: z.array(arn).max(100) }).partial(),
    eventsConfig,
    optimizationObjective,
    trainingDataConfig,
    autoTrainingConfig,
  })
  .partial();

export type SolutionConfig = z.output<typeof solutionConfig>;
