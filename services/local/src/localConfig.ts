import { InvalidInputError } from '@attune/domain';
import type { Config } from '@attune/service';
import { choiceVariable, integerVariable, LOG_LEVELS, portVariable, readConfig, stringVariable } from '@attune/service';
import { FRONT_DECLARATIONS } from './frontConfig';
import { checkPartsConfig, PARTS_DECLARATIONS } from './partsConfig';

/** Every setting, in the order in which help prints them. */
export const DECLARATIONS = {
  dataDir: stringVariable('ATTUNE_DATA_DIR', {
    description: 'Folder that keeps what is embedded (database, log, objects) and the files of trainings.',
    default: '.attune',
  }),
  host: stringVariable('ATTUNE_HOST', {
    description: 'Address to listen on. Any but the loopback needs access keys.',
    default: '127.0.0.1',
  }),
  port: portVariable('ATTUNE_PORT', { description: 'HTTP port.', default: '8080' }),
  grpcPort: portVariable('ATTUNE_GRPC_PORT', { description: 'gRPC port.', default: '50051' }),
  logLevel: choiceVariable('ATTUNE_LOG_LEVEL', LOG_LEVELS, {
    description: 'Least severity that is logged.',
    default: 'info',
  }),
  tracesEndpoint: stringVariable('OTEL_EXPORTER_OTLP_ENDPOINT', {
    description: 'Where traces go: a collector that takes OTLP over HTTP. Without it nothing is traced.',
    default: '',
  }),
  region: stringVariable('ATTUNE_REGION', { description: 'Region that ARNs carry.', default: 'us-east-1' }),
  accountId: stringVariable('ATTUNE_ACCOUNT_ID', {
    description: 'Account that ARNs carry.',
    default: '000000000000',
  }),
  trainingTimeBudget: integerVariable('ATTUNE_TRAINING_TIME_BUDGET', 0, 86_400, {
    description: 'Seconds after which a training keeps its best epoch and stops; 0 for no limit.',
    default: '0',
  }),
  trainingMemory: integerVariable('ATTUNE_TRAINING_MEMORY', 0, 16_777_216, {
    description: 'MiB of memory that a training may take; 0 for 80% of what the machine or the container has.',
    default: '0',
  }),
  updateInterval: integerVariable('ATTUNE_UPDATE_INTERVAL', 0, 2_592_000, {
    description: 'Seconds after which a deployed solution learns what is new since its last training; 0 for never.',
    default: '7200',
  }),
  slateRetentionDays: integerVariable('ATTUNE_SLATE_RETENTION_DAYS', 0, 36_500, {
    description: 'Days for which served lists are kept at least; whole months are dropped. 0 for ever.',
    default: '90',
  }),
  native: choiceVariable('ATTUNE_NATIVE', ['auto', 'off'], {
    description: "Whether TensorFlow's native library is set up and used; off chooses WebAssembly.",
    default: 'auto',
  }),
  datasets: stringVariable('ATTUNE_DATASETS', {
    description: 'Folder with data sets, so that the demo need not download.',
    default: '',
  }),
  grpcTlsCertificate: stringVariable('ATTUNE_GRPC_TLS_CERTIFICATE', {
    description: 'Certificate of the gRPC server, in PEM. With its key, gRPC speaks TLS only.',
    default: '',
  }),
  grpcTlsKey: stringVariable('ATTUNE_GRPC_TLS_KEY', {
    description: 'Private key of the certificate, in PEM.',
    default: '',
    secret: true,
  }),
  grpcTlsClientCa: stringVariable('ATTUNE_GRPC_TLS_CLIENT_CA', {
    description: 'Signs the certificates of gRPC clients, in PEM. The common name of each is the name of a key.',
    default: '',
  }),
  keysFile: stringVariable('ATTUNE_KEYS_FILE', {
    description: 'File with access keys, which attune keys create makes. Changes count within seconds.',
    default: '',
  }),
  accessKeyId: stringVariable('ATTUNE_ACCESS_KEY_ID', {
    description: 'One access key with full access, beside those of the file.',
    default: '',
  }),
  secretAccessKey: stringVariable('ATTUNE_SECRET_ACCESS_KEY', {
    description: 'Secret of that access key.',
    default: '',
    secret: true,
  }),
  apiKey: stringVariable('ATTUNE_API_KEY', {
    description: 'API key that goes with it, for gRPC and metrics.',
    default: '',
    secret: true,
  }),
  unauthenticated: choiceVariable('ATTUNE_UNAUTHENTICATED', ['refuse', 'allow'], {
    description: 'Whether to listen beyond the loopback without any access key: allow lets everyone do everything.',
    default: 'refuse',
  }),
  ...FRONT_DECLARATIONS,
  ...PARTS_DECLARATIONS,
} as const;

export type LocalConfig = Config<typeof DECLARATIONS>;

/**
 * The settings: flags of the command line over the environment over the defaults.
 * @throws InvalidInputError naming each variable that is wrong, or does not go with another
 */
export function readLocalConfig(environment: NodeJS.ProcessEnv, flags: Partial<LocalConfig> = {}): LocalConfig {
  const config = { ...readConfig(DECLARATIONS, environment), ...flags };
  checkPartsConfig(config);
  if (Boolean(config.grpcTlsCertificate) !== Boolean(config.grpcTlsKey)) {
    throw new InvalidInputError(
      'ATTUNE_GRPC_TLS_CERTIFICATE and ATTUNE_GRPC_TLS_KEY go together: set both, or neither.',
    );
  }
  if (config.grpcTlsClientCa && !config.grpcTlsCertificate) {
    throw new InvalidInputError('ATTUNE_GRPC_TLS_CLIENT_CA needs ATTUNE_GRPC_TLS_CERTIFICATE and its key.');
  }
  return config;
}
