import { InvalidInputError } from '@attune/domain';
import type { Config } from '@attune/service';
import { choiceVariable, integerVariable, stringVariable } from '@attune/service';

/**
 * The settings that choose the parts. Each has its embedded counterpart, which serves where the setting is not given.
 * Certificates and keys are PEM texts.
 */
export const PARTS_DECLARATIONS = {
  kafkaBrokers: stringVariable('KAFKA_BROKERS', {
    description: 'Kafka brokers, host:port with commas between. Without them: a log in the embedded database.',
    default: '',
  }),
  kafkaTopicPrefix: stringVariable('KAFKA_TOPIC_PREFIX', {
    description: 'Stands before the names of topics and groups, for several Attunes on one cluster.',
    default: '',
  }),
  kafkaReplicationFactor: integerVariable('KAFKA_REPLICATION_FACTOR', -1, 9, {
    description: "Copies of each message in topics that attune topics creates; -1 for the brokers' default.",
    default: '-1',
  }),
  kafkaTls: choiceVariable('KAFKA_TLS', ['off', 'on'], { description: 'TLS to the brokers.', default: 'off' }),
  kafkaTlsCa: stringVariable('KAFKA_TLS_CA', {
    description: 'Certificate authority of the brokers. Without it: those that Node trusts.',
    default: '',
  }),
  kafkaSasl: choiceVariable('KAFKA_SASL_MECHANISM', ['none', 'plain', 'scram-sha-256', 'scram-sha-512'], {
    description: 'How to log in to the brokers.',
    default: 'none',
  }),
  kafkaUsername: stringVariable('KAFKA_SASL_USERNAME', { description: 'User at the brokers.', default: '' }),
  kafkaPassword: stringVariable('KAFKA_SASL_PASSWORD', {
    description: 'Password at the brokers.',
    default: '',
    secret: true,
  }),
  databaseUrl: stringVariable('DATABASE_URL', {
    description: 'PostgreSQL 15 or newer, postgresql://user@host:5432/database. Without it: PGlite in the data folder.',
    default: '',
    secret: true,
  }),
  databasePassword: stringVariable('DATABASE_PASSWORD', {
    description: 'Password at the database, in the place of one in the URL.',
    default: '',
    secret: true,
  }),
  databaseTls: choiceVariable('DATABASE_TLS', ['off', 'on'], { description: 'TLS to the database.', default: 'off' }),
  databaseTlsCa: stringVariable('DATABASE_TLS_CA', {
    description: 'Certificate authority of the database. Without it: those that Node trusts.',
    default: '',
  }),
  databasePoolSize: integerVariable('DATABASE_POOL_SIZE', 1, 1000, {
    description: 'The most connections of one process to the database, one for each stream besides.',
    default: '10',
  }),
  redisUrl: stringVariable('REDIS_URL', {
    description: 'Redis 7 or newer, redis://host:6379 or rediss:// for TLS. Without it: user state in memory.',
    default: '',
    secret: true,
  }),
  redisCluster: choiceVariable('REDIS_CLUSTER', ['off', 'on'], {
    description: 'Whether the URL is that of a Redis Cluster.',
    default: 'off',
  }),
  redisPassword: stringVariable('REDIS_PASSWORD', {
    description: 'Password at Redis, in the place of one in the URL.',
    default: '',
    secret: true,
  }),
  redisTlsCa: stringVariable('REDIS_TLS_CA', {
    description: 'Certificate authority of Redis. Without it: those that Node trusts.',
    default: '',
  }),
  objectStore: choiceVariable('ATTUNE_OBJECT_STORE', ['folder', 's3'], {
    description: 'Where objects are: in the folder objects of the data folder, or on S3 or an endpoint like it.',
    default: 'folder',
  }),
  s3Endpoint: stringVariable('S3_ENDPOINT', {
    description: 'S3 endpoint, https://host:port. Without it: AWS, by the region.',
    default: '',
  }),
  s3Region: stringVariable('S3_REGION', { description: 'Region of the S3 endpoint.', default: 'us-east-1' }),
  s3AccessKeyId: stringVariable('S3_ACCESS_KEY_ID', {
    description: "Access key. Without it: what AWS's SDK finds.",
    default: '',
  }),
  s3SecretAccessKey: stringVariable('S3_SECRET_ACCESS_KEY', {
    description: 'Secret of the access key.',
    default: '',
    secret: true,
  }),
  modelsUri: stringVariable('ATTUNE_MODELS_URI', {
    description: 'Where trained models go.',
    default: 's3://attune/models',
  }),
} as const;

export type PartsConfig = Config<typeof PARTS_DECLARATIONS>;

/** @throws InvalidInputError where settings do not go together, with what to do */
export function checkPartsConfig(config: PartsConfig): void {
  const { kafkaBrokers, databaseUrl, redisUrl, kafkaSasl, kafkaUsername, kafkaPassword } = config;
  if (databaseUrl && !kafkaBrokers) {
    throw new InvalidInputError(
      'DATABASE_URL is set and KAFKA_BROKERS is not. The embedded log belongs to one process and its own database: set both, or neither.',
    );
  }
  if (redisUrl && !databaseUrl) {
    throw new InvalidInputError(
      'REDIS_URL is set and DATABASE_URL is not. User state in Redis goes with an archive that other processes can read: set KAFKA_BROKERS and DATABASE_URL too, or none of them.',
    );
  }
  if (kafkaSasl !== 'none' && !(kafkaUsername && kafkaPassword)) {
    throw new InvalidInputError(
      `KAFKA_SASL_MECHANISM is "${kafkaSasl}", which needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.`,
    );
  }
}

/**
 * What several processes share must be servers of its own.
 * @throws InvalidInputError that names what is missing
 */
export function requireRealParts({ kafkaBrokers, databaseUrl, redisUrl }: PartsConfig): void {
  const given = { KAFKA_BROKERS: kafkaBrokers, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  const missing = Object.entries(given).flatMap(([variable, value]) => (value ? [] : [variable]));
  if (missing.length === 0) return;
  throw new InvalidInputError(
    `A service on its own shares its parts with the others, and they can't be embedded: set ${missing.join(', ')}. To run all services in one process: attune up.`,
  );
}
