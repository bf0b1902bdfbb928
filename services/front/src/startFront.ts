import { speakRestJson } from '@attune/aws';
import { type HttpServer, type HttpServerOptions, type Logger, type Registry, startHttpServer } from '@attune/service';
import { frontRoutes, type Upstreams } from './frontRoutes';
import { upstreamHealth } from './upstreamHealth';

export type { Upstreams } from './frontRoutes';

export interface FrontOptions {
  upstreams: Upstreams;
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Who may see the metrics; the services behind verify every request that they get. */
  authentication?: HttpServerOptions['authentication'];
  metrics: Registry;
  logger: Logger;
}

/**
 * One address for all three services of the API: passes each request to the service that answers it, as it came.
 * @throws InvalidInputError where the port is taken
 */
export function startFront({ upstreams, authentication, ...options }: FrontOptions): Promise<HttpServer> {
  return startHttpServer({
    ...options,
    configure: speakRestJson,
    routes: [frontRoutes(upstreams)],
    health: upstreamHealth(upstreams),
    ...(authentication && { authentication: { authenticateMetrics: authentication.authenticateMetrics } }),
  });
}
