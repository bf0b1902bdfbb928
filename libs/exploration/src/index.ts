export * from './fillSlate';
export * from './offPolicy';
