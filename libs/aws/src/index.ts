export * from './awsError';
export * from './eventProperties';
export * from './personalizeEvents';
export * from './personalizeRuntime';
export * from './restJson';
export * from './violations';
