export * from './inMemoryItemStatistics';
export * from './inMemorySessions';
export * from './itemStatistics';
export type { RedisSettings } from './redisClient';
export * from './redisConnection';
export * from './redisItemStatistics';
export * from './redisSessions';
export * from './sessionStore';
export * from './userHistory';
