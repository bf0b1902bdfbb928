/** The messages and services of `proto/attune/v1`, generated when the project is built. */
export * from './generated/attune/v1/catalog';
export * from './generated/attune/v1/events';
export * from './generated/attune/v1/exploration';
export * from './generated/attune/v1/models';
export * from './generated/attune/v1/recommendations';
export * from './generated/attune/v1/training';
export * from './reflection';
