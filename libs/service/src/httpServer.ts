import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Health } from './health';
import { authenticateRequests, type HttpAuthentication } from './httpAuthentication';
import { explainListenError } from './listenError';
import { latencyHistogram } from './metrics';
import { traceRequests } from './traceRequests';

export interface HttpServerOptions {
  /** The address to listen on. @default '127.0.0.1' */
  host?: string;
  /** 0 takes a free port. */
  port: number;
  logger: Logger;
  metrics: Registry;
  /** What the services answer. */
  routes: readonly FastifyPluginAsync[];
  /** Asked by `GET /health`. */
  health: () => Promise<Health>;
  /** Sets up the server itself before any route: error shapes, content types. */
  configure?: (app: FastifyInstance) => void;
  /** Who may call. Without it everyone may do everything: for the loopback, or a network of its own. */
  authentication?: HttpAuthentication;
  /** The largest request body, in bytes. @default 1 MiB, ten times the largest PutEvents call */
  bodyLimit?: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request asks for, where many operations share a route: one of a few names, or undefined. For the metrics. */
    operationOf?: (request: FastifyRequest) => string | undefined;
  }
}

export interface HttpServer {
  port: number;
  /** Takes no new request, finishes those in hand, closes idle connections. */
  stop(): Promise<void>;
}

/** How long requests in hand may take once the server stops. */
const DRAIN_MS = 5_000;

/** Orchestrators ask without credentials. */
const OPEN = { config: { access: 'open' } } as const;

/**
 * Serves the routes over HTTP/1.1, beside
 * - `GET /health`: 200 `{status: 'ok'}` when the server can do its work, 503 with what is missing when not;
 * - `GET /livez`: 200 as long as the process answers at all;
 * - `GET /metrics`: the Prometheus text format.
 * @throws InvalidInputError where the port is taken
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port, logger, metrics } = options;
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    forceCloseConnections: 'idle',
  });
  traceRequests(app, routeOf);
  options.configure?.(app);
  authenticateRequests(app, options.authentication);
  measureRequests(app, metrics);
  app.get('/livez', OPEN, async () => ({ status: 'ok' }));
  app.get('/health', OPEN, async (_request, reply) => {
    const { missing, details } = await options.health();
    if (missing.length === 0) return { status: 'ok', ...details };
    return reply.code(503).send({ status: 'not ready', missing, ...details });
  });
  app.get('/metrics', { config: { access: 'metrics' } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  for (const plugin of options.routes) await app.register(plugin);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw explainListenError(error as Error, host, port);
  }
  return { port: (app.server.address() as AddressInfo).port, stop: () => drain(app) };
}

function measureRequests(app: FastifyInstance, metrics: Registry): void {
  const duration = latencyHistogram(
    metrics,
    'attune_http_request_duration_seconds',
    'Time to answer an HTTP request.',
    ['method', 'route', 'status'],
  );
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: reply.statusCode };
    duration.observe(labels, reply.elapsedTime / 1000);
    // Without the query: that of a presigned request is a credential.
    const [path] = request.url.split('?');
    request.log.debug({ method: request.method, path, status: reply.statusCode }, 'answered');
  });
}

/** The operation, where the route has several; else the route's pattern. */
function routeOf(request: FastifyRequest): string {
  const { url, config } = request.routeOptions;
  return (config.operationOf ? config.operationOf(request) : url) ?? 'unknown';
}

async function drain(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(timer);
}
