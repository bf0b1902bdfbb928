import { InvalidInputError } from '@attune/domain';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** One server, or a cluster of them. */
export type RedisClient = Redis | Cluster;

export interface RedisSettings {
  /**
   * `redis://user:password@host:6379/database`, or `rediss:` to encrypt the connection. Of a Redis Cluster, any node.
   */
  url: string;
  /** Kept out of the URL, where logs might show it. Takes the place of the URL's. */
  password?: string;
  /** Whether the URL is that of a Redis Cluster. @default false */
  cluster?: boolean;
  /** Who may have signed the server's certificate, as a PEM text. @default the authorities that Node trusts */
  ca?: string;
  /** The longest a command may take, in milliseconds. @default 1000 */
  commandTimeoutMs?: number;
  /** The longest to wait for a connection, in milliseconds. @default 2000 */
  connectTimeoutMs?: number;
  /** Names this process in CLIENT LIST. @default "attune" */
  connectionName?: string;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 2000;

/** How long to wait before each attempt to connect again: at first 20 ms, then twice as long, up to a second. */
const retryDelay = (attempt: number) => Math.min(10 * 2 ** attempt, 1000);

/**
 * A client that is not connected yet. Once it is, it connects again by itself.
 * @throws InvalidInputError where the URL is none
 */
export function createRedisClient(settings: RedisSettings): RedisClient {
  return settings.cluster ? clusterClient(settings) : new Redis(nodeOptions(settings));
}

function clusterClient(settings: RedisSettings): Cluster {
  const { host, port, db: _, ...redisOptions } = nodeOptions(settings);
  return new Cluster([{ host, port }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    clusterRetryStrategy: retryDelay,
    redisOptions,
  });
}

function nodeOptions(settings: RedisSettings) {
  const {
    ca,
    commandTimeoutMs = 1000,
    connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
    connectionName = 'attune',
  } = settings;
  const url = parseUrl(settings.url);
  const password = settings.password ?? decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    db: Number(url.pathname.slice(1)),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(password && { password }),
    ...(url.protocol === 'rediss:' && { tls: ca === undefined ? {} : { ca } }),
    connectionName,
    lazyConnect: true,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    // ioredis waits so long for a socket to close by itself, also where it is closed already.
    disconnectTimeout: 500,
    retryStrategy: retryDelay,
    // Whoever sends a command has a batch to repeat or a request to answer, and does not want to wait.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Commands of one turn of the event loop leave in one write.
    enableAutoPipelining: true,
  } satisfies RedisOptions;
}

/** The message never repeats the URL, which may hold a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^\/?\d*$/.test(url.pathname)) {
    throw new InvalidInputError('The Redis URL is not of the form redis://user:password@host:6379/0.');
  }
  return url;
}
