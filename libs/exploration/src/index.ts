export * from './fillSlate';
