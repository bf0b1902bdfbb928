export { type Certificate, createCertificate } from './certificate';
export * from './describeOnServers';
export * from './describeWhere';
export * from './findProgram';
export type { ServerAddress, ServerFaults, ServerKind, ServerSettings, ServerSource } from './serverAddress';
export { type ServerRun, startServerRun } from './serverRun';
export * from './servers';
export type { DatabaseTemplate } from './testDatabases';
