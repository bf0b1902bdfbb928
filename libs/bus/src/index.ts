export * from './bus';
export type { CatalogNotice, DatasetKind } from './catalogTopic';
export type { DeadLetter } from './deadLettersTopic';
export * from './embeddedLog';
export type { BusLogger } from './logger';
export type { ModelNotice } from './modelsTopic';
export { partitionOf } from './partitioner';
export * from './topic';
export * from './topics';
