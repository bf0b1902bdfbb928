import { InvalidInputError } from '@attune/domain';
import type { ClientConfig } from 'pg';
import { postgresTypes } from './postgresTypes';

export interface PostgresSettings {
  /** `postgresql://user@host:5432/database`. A password may be in it, percent-encoded. */
  url: string;
  /** Kept out of the URL, where logs might show it. Takes the place of the URL's. */
  password?: string;
  /**
   * Encrypts the connection, and checks that the server's certificate is valid for its host name.
   * @default no encryption
   */
  tls?: PostgresTls;
  /**
   * The most connections for queries and transactions. Each stream has one of its own besides.
   * @minimum 1 @default 10
   */
  poolSize?: number;
  /**
   * The longest a statement may take, in milliseconds; 0 is without limit. Streams and migrations have none.
   * @default 300,000
   */
  statementTimeoutMs?: number;
  /**
   * The longest to wait for a connection, new or from the pool, in milliseconds.
   * @default 5000
   */
  connectTimeoutMs?: number;
  /**
   * Names this process in `pg_stat_activity`.
   * @default "attune"
   */
  applicationName?: string;
}

/** Certificates and key are PEM texts. */
export interface PostgresTls {
  /** Who may have signed the server's certificate. @default the authorities that Node trusts */
  ca?: string;
  /** The client's own certificate and key, where the server asks for them. */
  certificate?: string;
  key?: string;
}

export const DEFAULT_STATEMENT_TIMEOUT_MS = 300_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
/** A peer that vanished without a word is noticed so on an idle connection. */
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * What every connection has in common.
 * @throws InvalidInputError where the URL is none
 */
export function toClientConfig(settings: PostgresSettings): ClientConfig & { host: string; port: number } {
  const { tls, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, applicationName = 'attune' } = settings;
  const url = parseUrl(settings.url);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: settings.password ?? decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: postgresTypes,
    ssl: tls ? { ca: tls.ca, cert: tls.certificate, key: tls.key } : false,
  };
}

/** The message never repeats the URL, which may hold a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const named = url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '' && url.pathname.length > 1;
  if (!named || url.username === '') {
    throw new InvalidInputError('The database URL is not of the form postgresql://user:password@host:5432/database.');
  }
  if (url.search !== '') {
    throw new InvalidInputError(
      `The database URL has parameters, "${url.search}", which are not read. Leave them out; for encryption, there is the setting tls.`,
    );
  }
  return url;
}
