export * from './clickModel';
export * from './estimators';
export * from './evaluateLog';
export type { ModelScores, TargetPolicy } from './fillRule';
export * from './loggedPolicy';
export type { Interval, Uncertainty, UncertaintySettings } from './uncertainty';
export * from './weighList';
export * from './weightedList';
