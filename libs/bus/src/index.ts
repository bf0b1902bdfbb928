export * from './bus';
export * from './topic';
