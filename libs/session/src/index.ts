export * from './inMemoryItemStatistics';
export * from './inMemorySessions';
export * from './itemStatistics';
export * from './sessionStore';
export * from './userHistory';
