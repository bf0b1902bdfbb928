export * from './awsError';
export * from './eventProperties';
export { jsonProblem } from './jsonPosition';
export * from './personalizeEvents';
export * from './personalizeRuntime';
export * from './restJson';
export * from './violations';
