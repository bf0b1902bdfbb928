import { doublyRobust, type Estimate, inversePropensity, selfNormalized } from './estimators';
import type { UncertaintySettings } from './uncertainty';
import type { WeighedList } from './weighList';

/**
 * Estimators by name: IPS and its self-normalised form over whole lists (IPS, SNIPS), down the cascade (RIPS, SNRIPS), by
 * position (IIPS, SNIIPS), and doubly robust down the cascade (DR).
 */
export type EstimatorName = 'IPS' | 'SNIPS' | 'RIPS' | 'SNRIPS' | 'IIPS' | 'SNIIPS' | 'DR';

/** What an estimator says, or why it does not. */
export type EstimatorResult =
  | { estimator: EstimatorName; estimate: Estimate }
  | { estimator: EstimatorName; refusal: string };

/** The answer of a log about a policy. */
export interface PolicyEvaluation {
  /** How many lists it rests on. */
  lists: number;
  users: number;
  /** Why the log can't answer. Then there are no results. */
  refusal?: string;
  results: readonly EstimatorResult[];
}

/** Fewer lists than this bear no interval that is worth its name. */
const MIN_LISTS = 100;

/** Below this, few lists decide, and the interval is too narrow more often than 1 time in 20. */
const MIN_EFFECTIVE_LISTS = 100;

/** How probable it may be that a policy shows what the log could not. */
const MAX_LOST = 0.01;

/** Judges a policy by weighed lists, with every estimator that they bear. */
export function evaluateLog(lists: readonly WeighedList[], settings?: UncertaintySettings): PolicyEvaluation {
  const users = new Set(lists.map(({ cluster }) => cluster)).size;
  const refusal = refusalOf(lists, users);
  return {
    lists: lists.length,
    users,
    ...(refusal !== undefined && { refusal }),
    results: refusal === undefined ? ESTIMATORS.map(([name, of]) => resultOf(name, of(lists, settings))) : [],
  };
}

function refusalOf(lists: readonly WeighedList[], users: number): string | undefined {
  if (lists.length < MIN_LISTS) return `The log has ${lists.length} lists for this question. It takes ${MIN_LISTS}.`;
  if (users < 2) return 'All lists were served to one user. An interval needs several.';
  const lost = lists.reduce((sum, list) => sum + list.lost, 0) / lists.length;
  if (lost <= MAX_LOST) return undefined;
  const percent = (100 * Math.min(lost, 1)).toFixed(lost < 0.1 ? 1 : 0);
  return (
    `No overlap: in ${percent}% of the lists this policy would show an item that had no chance of being shown there. ` +
    `At most ${100 * MAX_LOST}% may be.`
  );
}

function resultOf(estimator: EstimatorName, estimate: Estimate): EstimatorResult {
  const size = estimate.effectiveSampleSize;
  if (size >= MIN_EFFECTIVE_LISTS) return { estimator, estimate };
  return {
    estimator,
    refusal: `Effective sample size ${size.toFixed(size < 10 ? 1 : 0)}: too few lists of the log are such as this policy makes. It takes ${MIN_EFFECTIVE_LISTS}.`,
  };
}

type Estimator = (lists: readonly WeighedList[], settings?: UncertaintySettings) => Estimate;

const ESTIMATORS: readonly (readonly [EstimatorName, Estimator])[] = [
  ['IPS', (lists, settings) => inversePropensity(lists, 'list', settings)],
  ['SNIPS', (lists, settings) => selfNormalized(lists, 'list', settings)],
  ['RIPS', (lists, settings) => inversePropensity(lists, 'cascade', settings)],
  ['SNRIPS', (lists, settings) => selfNormalized(lists, 'cascade', settings)],
  ['IIPS', (lists, settings) => inversePropensity(lists, 'position', settings)],
  ['SNIIPS', (lists, settings) => selfNormalized(lists, 'position', settings)],
  ['DR', doublyRobust],
];
