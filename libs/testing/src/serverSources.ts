import { hasContainerRuntime, startContainer } from './containers';
import { missingForKafka } from './kafkaJars';
import { startNativeKafka } from './nativeKafka';
import { missingForPostgres, startNativePostgres } from './nativePostgres';
import { missingForRedis, startNativeRedis } from './nativeRedis';
import {
  SERVER_VARIABLES,
  type ServerKind,
  type ServerSettings,
  type ServerSources,
  type StartedServer,
} from './serverAddress';

const NATIVE: Readonly<
  Record<
    ServerKind,
    {
      missing(): string | undefined;
      start(folder: string, settings: ServerSettings): Promise<StartedServer>;
    }
  >
> = {
  kafka: { missing: missingForKafka, start: startNativeKafka },
  redis: { missing: missingForRedis, start: startNativeRedis },
  postgres: { missing: missingForPostgres, start: startNativePostgres },
};

/** Finds out how each server can be had, without starting any. */
export async function findServerSources(): Promise<Record<ServerKind, ServerSources>> {
  const container = await hasContainerRuntime();
  const find = (kind: ServerKind): ServerSources => {
    const environment = process.env[SERVER_VARIABLES[kind]];
    const missing = NATIVE[kind].missing();
    return { container, ...(environment && { environment }), ...(missing !== undefined && { missing }) };
  };
  return { kafka: find('kafka'), redis: find('redis'), postgres: find('postgres') };
}

/** Starts a server: in a container where there is a runtime, else natively. A secure one always natively. */
export function startServer(
  kind: ServerKind,
  { container }: ServerSources,
  folder: string,
  settings: ServerSettings,
): Promise<StartedServer> {
  return container && !settings.secure ? startContainer(kind) : NATIVE[kind].start(folder, settings);
}
