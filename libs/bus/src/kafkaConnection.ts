import { Kafka, type logCreator, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import { registerCodecs } from './kafkaCodecs';
import { kafkaLog } from './kafkaLog';
import { KafkaSockets } from './kafkaSockets';
import type { BusLogger } from './logger';

/** How to reach a Kafka cluster. */
export interface KafkaConnection {
  /** `host:port` of one broker or more: the others are learnt from it. */
  brokers: readonly string[];
  /** Names this process in the brokers' logs and quotas. */
  clientId: string;
  logger: BusLogger;
  /**
   * Speaks TLS. `ca` is the certificate authority to trust, as PEM; without it, those that Node trusts.
   * @default without TLS
   */
  tls?: { ca?: string };
  /** @default without a login */
  sasl?: KafkaLogin;
  /**
   * Stands before the name of every topic and group, so that several Attunes can share a cluster.
   * @default ''
   */
  topicPrefix?: string;
}

/** A login by SASL. */
export interface KafkaLogin {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

/**
 * A first retry after 20 ms, not kafkajs's 300: a broker that was just started, or a partition that moves, is back before
 * that. Seven attempts take 1.3 s.
 */
export const RETRY = {
  initialRetryTime: 20,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 1000,
  retries: 6,
} satisfies RetryOptions;

/** Longer than any answer of a live broker takes, shorter than the two seconds in which a publisher wants an answer. */
const CONNECTION_TIMEOUT_MS = 1500;

/** A kafkajs client with its connections. */
export interface KafkaClient {
  kafka: Kafka;
  sockets: KafkaSockets;
}

/** Opens clients of one cluster, which share a log. */
export class KafkaClients {
  private readonly log: logCreator;

  constructor(private readonly connection: KafkaConnection) {
    registerCodecs();
    this.log = kafkaLog(connection.logger);
  }

  /** @param requestTimeout how long to wait for the answer to a request, in milliseconds */
  open(requestTimeout: number): KafkaClient {
    const { brokers, clientId, tls, sasl } = this.connection;
    const sockets = new KafkaSockets();
    const kafka = new Kafka({
      brokers: [...brokers],
      clientId,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      authenticationTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      retry: RETRY,
      socketFactory: sockets.open,
      logLevel: logLevel.WARN,
      logCreator: this.log,
      ...(tls && { ssl: tls }),
      ...(sasl && { sasl: sasl as SASLOptions }),
    });
    return { kafka, sockets };
  }
}
