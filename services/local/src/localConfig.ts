import { InvalidInputError } from '@attune/domain';
import type { Config } from '@attune/service';
import { choiceVariable, integerVariable, LOG_LEVELS, portVariable, readConfig, stringVariable } from '@attune/service';
import { checkPartsConfig, PARTS_DECLARATIONS } from './partsConfig';

/** Every setting, in the order in which help prints them. */
export const DECLARATIONS = {
  dataDir: stringVariable('ATTUNE_DATA_DIR', {
    description: 'Folder that keeps what is embedded (database, log, objects) and the files of trainings.',
    default: '.attune',
  }),
  host: stringVariable('ATTUNE_HOST', {
    description: 'Address to listen on. Requests are not authenticated: keep it on the loopback.',
    default: '127.0.0.1',
  }),
  port: portVariable('ATTUNE_PORT', { description: 'HTTP port.', default: '8080' }),
  grpcPort: portVariable('ATTUNE_GRPC_PORT', { description: 'gRPC port.', default: '50051' }),
  logLevel: choiceVariable('ATTUNE_LOG_LEVEL', LOG_LEVELS, {
    description: 'Least severity that is logged.',
    default: 'info',
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
  return config;
}
