export * from './startInference';
