export * from './csv';
export { streamOf } from './draws';
export * from './history';
export type { WorldItem } from './items';
export type { Session } from './sessions';
export * from './settings';
export * from './visitor';
export * from './world';
