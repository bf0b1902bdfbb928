/** The servers that tests can have. */
export type ServerKind = 'kafka' | 'redis' | 'postgres';

/** Where a server comes from. One from the environment can't be stopped or paused by a test. */
export type ServerSource = 'environment' | 'container' | 'native';

/** How to reach a server. */
export interface ServerAddress {
  source: ServerSource;
  /** `redis://` or `postgresql://` with its credentials; for Kafka its brokers, `host:port` with commas between. */
  url: string;
  /** What a client must trust where the server speaks TLS, as PEM. */
  ca?: string;
  /** What a client of a secured Kafka shows, by SASL PLAIN. */
  credentials?: { username: string; password: string };
}

/** What can be asked of a server that a test has for itself. */
export const faults = ['kill', 'stop', 'start', 'pause', 'resume'] as const;

export type Fault = (typeof faults)[number];

/** Breaks a server, and brings it back at the same address with the same data. */
export interface ServerFaults {
  /** Ends it at once, by SIGKILL. */
  kill(): Promise<void>;
  /** Ends it in order, by SIGTERM. */
  stop(): Promise<void>;
  /** Starts it after `kill` or `stop`, and resolves when it answers. */
  start(): Promise<void>;
  /** Stops all its processes where they are, by SIGSTOP: connections stay open and nothing answers. */
  pause(): Promise<void>;
  /** Lets it go on after `pause`. */
  resume(): Promise<void>;
}

/** A server that this process started. */
export interface StartedServer extends ServerFaults {
  address: ServerAddress;
  /** Ends it for good, in the quickest way that leaves nothing behind. */
  dispose(): Promise<void>;
}

/** How a server is to be started. */
export interface ServerSettings {
  /**
   * Speaks TLS only, and asks for a password.
   * @default false
   */
  secure?: boolean;
}

/** How this machine can give a test its server. */
export interface ServerSources {
  /** The address in the environment, where it has one. */
  environment?: string;
  container: boolean;
  /** What must be installed before it can run natively; absent where nothing is missing. */
  missing?: string;
}

/** The variable that names a server which is there already. */
export const SERVER_VARIABLES: Readonly<Record<ServerKind, string>> = {
  kafka: 'KAFKA_BROKERS',
  redis: 'REDIS_URL',
  postgres: 'DATABASE_URL',
};
