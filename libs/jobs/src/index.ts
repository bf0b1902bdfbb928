export * from './jobQueue';
export * from './migrateJobs';
export * from './openJobQueue';
export type { QueueName } from './queues';
