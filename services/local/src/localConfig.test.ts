import { createLogger } from '@attune/service';
import { readLocalConfig } from './localConfig';
import { kafkaConnection } from './parts';
import { requireRealParts } from './partsConfig';

const logger = createLogger({ service: 'test', level: 'silent' });
const KAFKA = { KAFKA_BROKERS: '127.0.0.1:1' };
const POSTGRES = { DATABASE_URL: 'postgresql://attune@127.0.0.1:1/attune' };
const REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };

test.each([
  ['a database without Kafka', POSTGRES, 'DATABASE_URL is set and KAFKA_BROKERS is not.'],
  ['Redis without a database', { ...KAFKA, ...REDIS }, 'REDIS_URL is set and DATABASE_URL is not.'],
  ['Redis alone', REDIS, 'REDIS_URL is set and DATABASE_URL is not.'],
  [
    'a login without a password',
    { ...KAFKA, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'attune' },
    'which needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
  ],
  ['a certificate without its key', { ATTUNE_GRPC_TLS_CERTIFICATE: 'pem' }, 'go together: set both, or neither.'],
])('%s is refused, with what to do', (_, environment, message) => {
  expect(() => readLocalConfig(environment)).toThrow(message);
});

test('a service on its own needs all that it shares, and hears what is missing', () => {
  expect(() => requireRealParts(readLocalConfig(KAFKA))).toThrow('set DATABASE_URL, REDIS_URL.');
  expect(() => requireRealParts(readLocalConfig({ ...KAFKA, ...POSTGRES, ...REDIS }))).not.toThrow();
});

test('the settings of Kafka are read', () => {
  const config = readLocalConfig({
    KAFKA_BROKERS: 'a:9092, b:9092',
    KAFKA_TLS: 'on',
    KAFKA_TLS_CA: 'pem',
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'attune',
    KAFKA_SASL_PASSWORD: 'secret',
  });
  expect(kafkaConnection(config, 'test', logger)).toMatchObject({
    brokers: ['a:9092', 'b:9092'],
    tls: { ca: 'pem' },
    sasl: { mechanism: 'scram-sha-512', username: 'attune', password: 'secret' },
  });
});
