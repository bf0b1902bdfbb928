import { KafkaJSAggregateError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';

/** The error types of Kafka's protocol by which a broker refuses to create a topic for good. */
const LASTING: ReadonlySet<string> = new Set([
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'INVALID_REPLICA_ASSIGNMENT',
  'INVALID_REQUEST',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNSUPPORTED_VERSION',
]);

/**
 * Whether a cluster that refused may accept the same later. kafkajs's own `retriable` is no help: it never is true of a
 * refusal of several topics, nor of too few registered brokers.
 */
export function mayPass(error: unknown): boolean {
  if (error instanceof KafkaJSAggregateError) return error.errors.every(mayPass);
  const cause = error instanceof KafkaJSNumberOfRetriesExceeded ? error.cause : error;
  return cause instanceof KafkaJSProtocolError && !LASTING.has(cause.type);
}

/** What an error of kafkajs says, each topic's reason included. */
export function reasonOf(error: unknown): string {
  if (error instanceof KafkaJSAggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ');
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof KafkaJSProtocolError ? `${reason} (${error.type})` : reason;
}
