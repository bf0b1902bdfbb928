export * from './startIngest';
