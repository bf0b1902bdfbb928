export { type BuiltItemIndex, buildItemIndex, type ItemIndexOptions } from './itemIndex';
export * from './startInference';
