export * from './itemStatistics';
export * from './sessionStore';
export * from './userHistory';
