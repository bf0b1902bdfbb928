export { type FeatureOptions, startFeature } from './startFeature';
