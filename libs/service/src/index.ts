export * from './config';
export * from './grpcError';
export * from './grpcServer';
export * from './health';
export * from './httpServer';
export * from './lifecycle';
export * from './logger';
export * from './metrics';
