import { signedRequests } from '@attune/aws';
import { InvalidInputError } from '@attune/domain';
import {
  type AccessKeys,
  authenticateByKey,
  type GrpcServerOptions,
  type HttpServerOptions,
  type Logger,
  openAccessKeys,
  type Part,
} from '@attune/service';
import type { LocalConfig } from './localConfig';

/** Who may call the servers of a process. */
export interface Access {
  http: Pick<HttpServerOptions, 'authentication'>;
  grpc: Pick<GrpcServerOptions, 'authenticate'>;
}

/**
 * Opens the access keys, and follows their file; SIGHUP reads it at once. Without any key everyone may call, so the server
 * must be on the loopback, or told in so many words that its network is safe.
 * @param parts takes the keys, to be stopped with the others
 * @throws InvalidInputError where there is no key and the address is another, or the keys are not valid
 */
export async function openAccess(config: LocalConfig, logger: Logger, parts: Part[]): Promise<Access> {
  const keys = await openKeys(config, logger, parts);
  if (!keys) {
    allowWithoutKeys(config, logger);
    return { http: {}, grpc: {} };
  }
  const authentication = signedRequests({
    keys,
    region: config.region,
    now: Date.now,
    openMetrics: isLoopback(config.host),
  });
  return {
    http: { authentication },
    grpc: { authenticate: authenticateByKey(keys, config.grpcTlsClientCa !== '') },
  };
}

/** @throws InvalidInputError where a server without keys would be open to others */
function allowWithoutKeys({ host, unauthenticated }: LocalConfig, logger: Logger): void {
  if (isLoopback(host)) {
    logger.warn({ host }, 'no access keys: everyone on this machine may call, and no other');
  } else if (unauthenticated === 'allow') {
    logger.warn({ host }, 'no access keys: everyone who reaches this address may do everything');
  } else {
    throw new InvalidInputError(
      `There are no access keys, so Attune listens on the loopback only, and ATTUNE_HOST is "${host}". Make a key with "attune keys create" and set ATTUNE_KEYS_FILE; or, where only what you trust reaches the address, set ATTUNE_UNAUTHENTICATED=allow.`,
    );
  }
}

async function openKeys(config: LocalConfig, logger: Logger, parts: Part[]): Promise<AccessKeys | undefined> {
  const { keysFile: path, accessKeyId, secretAccessKey, apiKey } = config;
  const keys = await openAccessKeys({ path, settings: { accessKeyId, secretAccessKey, apiKey }, logger });
  if (!keys) return undefined;
  const onHangUp = () => void keys.reload();
  process.on('SIGHUP', onHangUp);
  parts.push({
    name: 'access keys',
    stop: async () => {
      process.off('SIGHUP', onHangUp);
      await keys.stop();
    },
  });
  return keys;
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host === 'localhost';
}
