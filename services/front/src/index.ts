export * from './startFront';
