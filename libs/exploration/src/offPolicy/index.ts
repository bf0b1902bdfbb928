export * from './estimators';
export type { Interval, Uncertainty, UncertaintySettings } from './uncertainty';
export * from './weightedList';
