import { randomBytes } from 'node:crypto';
import { askKeeper } from './keeperClient';
import {
  type Fault,
  faults,
  type ServerAddress,
  type ServerFaults,
  type ServerKind,
  type ServerSettings,
} from './serverAddress';
import type { ServerRun } from './serverRun';
import { type DatabaseTemplate, TestDatabases } from './testDatabases';

export interface KafkaServer extends ServerAddress {
  brokers: string[];
  /** A prefix for the names of topics and groups that no other test has. */
  newPrefix(): string;
}

export interface RedisServer extends ServerAddress {
  /** A prefix for keys that no other test has. */
  newPrefix(): string;
}

/** Its own URL leads to a maintenance database, as a user who may create others. */
export interface PostgresServer extends ServerAddress {
  /**
   * Creates a database that no other test has, empty or as a copy of the template, which is prepared once per server.
   * @returns its URL
   */
  createDatabase(template?: DatabaseTemplate): Promise<string>;
  /** Drops the databases that were created, whoever is connected. */
  dropDatabases(): Promise<void>;
}

export interface Servers {
  kafka: KafkaServer;
  redis: RedisServer;
  postgres: PostgresServer;
}

/** A server that no other test uses, and that a test may therefore break. */
export type OwnServer<Kind extends ServerKind> = Servers[Kind] & {
  faults: ServerFaults;
  /** Ends it for good. */
  dispose(): Promise<void>;
};

/** Gives the server that all tests of the run share, started when the first asks for it. */
export async function shareServer<Kind extends ServerKind>(run: ServerRun, kind: Kind): Promise<Servers[Kind]> {
  const { environment } = run.sources[kind];
  const address: ServerAddress = environment
    ? { source: 'environment', url: environment }
    : await askKeeper(run.socket, { ask: 'share', kind });
  return CLIENT_SIDE[kind](address);
}

/** Starts a server for one test alone, never the one of the environment. */
export async function startOwnServer<Kind extends ServerKind>(
  run: ServerRun,
  kind: Kind,
  settings: ServerSettings = {},
): Promise<OwnServer<Kind>> {
  const { id, address } = await askKeeper<{ id: number; address: ServerAddress }>(run.socket, {
    ask: 'own',
    kind,
    settings,
  });
  const ask = (fault: Fault | 'dispose') => () => askKeeper<void>(run.socket, { ask: fault, id });
  const ownFaults = Object.fromEntries(faults.map((fault) => [fault, ask(fault)])) as Record<
    Fault,
    () => Promise<void>
  >;
  return { ...CLIENT_SIDE[kind](address), faults: ownFaults, dispose: ask('dispose') };
}

const CLIENT_SIDE: { [Kind in ServerKind]: (address: ServerAddress) => Servers[Kind] } = {
  kafka: (address) => ({ ...address, brokers: address.url.split(','), newPrefix: () => `${newName()}.` }),
  redis: (address) => ({ ...address, newPrefix: () => `${newName()}:` }),
  postgres: (address) => {
    const databases = new TestDatabases(address);
    return {
      ...address,
      createDatabase: (template) => databases.create(newName(), template),
      dropDatabases: () => databases.dropAll(),
    };
  },
};

function newName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}
