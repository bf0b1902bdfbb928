export * from './drawSome';
export * from './exposure';
export * from './fillSlate';
export * from './offPolicy';
export * from './poolWeights';
export * from './replaySlate';
export * from './seededRandom';
