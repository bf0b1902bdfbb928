import { createLogger, type HttpServer, Registry, startHttpServer } from '@attune/service';
import type { FastifyPluginAsync } from 'fastify';
import { awsJsonRoutes } from './awsJson';
import { type ControlHandlers, controlOperations } from './controlOperations';
import { speakRestJson } from './restJson';

/** A server of the control plane with these handlers; operations without one answer with nothing. */
export function startControlServer(
  handlers: Partial<ControlHandlers>,
  { routes = [], bodyLimit }: { routes?: FastifyPluginAsync[]; bodyLimit?: number } = {},
): Promise<HttpServer> {
  const silent = Object.keys(controlOperations).map((operation) => [operation, async () => ({})]);
  return startHttpServer({
    port: 0,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: new Registry(),
    configure: speakRestJson,
    routes: [awsJsonRoutes({ ...Object.fromEntries(silent), ...handlers }), ...routes],
    health: async () => ({ missing: [] }),
    ...(bodyLimit !== undefined && { bodyLimit }),
  });
}
