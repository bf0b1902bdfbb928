import { UnavailableError } from '@attune/domain';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  setLogger,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { Histogram, Registry } from 'prom-client';
import { type GrpcError, grpcError } from './grpcError';
import { explainListenError } from './listenError';
import { latencyHistogram, secondsSince } from './metrics';

/** Answers one method: takes the request, gives the response or rejects. */
type UnaryHandler<Request, Response> = (
  request: Request,
  call: ServerUnaryCall<Request, Response>,
) => Promise<Response>;

/**
 * Answers one method to which the client sends a stream. Requests come as fast as they are taken: one that is not asked
 * for stays with the client, whose own writing then waits. Their end is an UnavailableError where the server stops.
 */
type ClientStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: ServerReadableStream<Request, Response>,
) => Promise<Response>;

/** A handler for each method of a service definition that ts-proto generated. */
export type GrpcHandlers<Definition> = {
  [Method in keyof Definition]: Definition[Method] extends {
    requestStream: infer RequestStream;
    requestDeserialize: (bytes: Buffer) => infer Request;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? RequestStream extends true
      ? ClientStreamHandler<Request, Response>
      : UnaryHandler<Request, Response>
    : never;
};

/** A service and what answers it, made by `grpcService`. */
export interface GrpcService {
  definition: ServiceDefinition;
  handlers: Readonly<Record<string, Handler>>;
}

type Call = ServerUnaryCall<unknown, unknown> | ServerReadableStream<unknown, unknown>;

/** Takes the request, or the stream of requests. */
type Handler = (received: unknown, call: never) => Promise<unknown>;

/** Pairs a generated service definition with its handlers, whose types follow from it. */
export function grpcService<Definition>(definition: Definition, handlers: GrpcHandlers<Definition>): GrpcService {
  return {
    definition: definition as ServiceDefinition,
    handlers: handlers as unknown as GrpcService['handlers'],
  };
}

export interface GrpcServerOptions {
  /** The address to listen on. @default '127.0.0.1' */
  host?: string;
  /** 0 takes a free port. */
  port: number;
  logger: Logger;
  metrics: Registry;
  services: readonly GrpcService[];
  /** The proto files, loaded, for the reflection service: `grpcurl` then needs no files of its own. */
  reflection?: PackageDefinition;
  /** The server's certificate and private key, in PEM. Without them calls travel in the clear. */
  tls?: { certificate: string; privateKey: string };
}

export interface GrpcServer {
  port: number;
  /** What the standard health service (grpc.health.v1) answers, for the server and each service. False until set. */
  setServing(serving: boolean): void;
  /** Takes no new call and reads no further in a stream, finishes what is in hand, then closes the connections. */
  stop(): Promise<void>;
}

/** How long calls in hand may take once the server stops. Streams of health watchers end only by this. */
const DRAIN_MS = 3_000;

/**
 * Serves unary and client-streaming gRPC methods, with the standard health service and, where proto files are given, reflection.
 * Errors become statuses as `grpcError` says.
 * @throws InvalidInputError where the port is taken
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host = '127.0.0.1', port, logger, metrics, services } = options;
  logThrough(logger);
  const server = new Server();
  const duration = latencyHistogram(metrics, 'attune_grpc_request_duration_seconds', 'Time to answer a gRPC call.', [
    'method',
    'status',
  ]);
  const streams: OpenStreams = new Set();
  const names = [''];
  for (const { definition, handlers } of services) {
    const implementation: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      implementation[name] = answer(method, handlers[name]!, streams, duration, logger);
      names.push(serviceName(method));
    }
    server.addService(definition, implementation);
  }
  const health = new HealthImplementation();
  const setServing = (serving: boolean) => {
    for (const name of new Set(names)) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(false);
  health.addToServer(server);
  if (options.reflection) new ReflectionService(options.reflection).addToServer(server);
  const boundPort = await bind(server, host, port, serverCredentials(options.tls));
  return {
    port: boundPort,
    setServing,
    stop: () => {
      setServing(false);
      endStreams(streams);
      return drain(server);
    },
  };
}

/** grpc-js has one logger for the process, and writes to the console until it is given another. */
function logThrough(logger: Logger): void {
  setLogger({ error: (...words: unknown[]) => logger.warn({ source: 'grpc-js' }, words.join(' ')) });
}

/** The streams of requests that are being read. */
type OpenStreams = Set<ServerReadableStream<unknown, unknown>>;

function answer(
  method: MethodDefinition<unknown, unknown>,
  handler: Handler,
  streams: OpenStreams,
  duration: Histogram<'method' | 'status'>,
  logger: Logger,
): UntypedServiceImplementation[string] {
  const succeeded = duration.labels(method.path, 'OK');
  return (call: Call, callback: (error: object | null, response?: unknown) => void) => {
    const start = performance.now();
    if (!('request' in call)) streams.add(call);
    // In an async function, what a handler throws before its first await takes the same way as what it rejects with.
    (async () => handler('request' in call ? call.request : call, call as never))()
      .finally(() => streams.delete(call as ServerReadableStream<unknown, unknown>))
      .then(
        (response) => {
          callback(null, response);
          succeeded.observe(secondsSince(start));
        },
        (error: unknown) => {
          const status = call.cancelled ? CANCELLED : grpcError(error);
          if (status.internal) logger.error({ err: error, method: method.path }, 'call failed');
          callback(status);
          duration.observe({ method: method.path, status: status.name }, secondsSince(start));
        },
      );
  };
}

/** What ends a stream whose client has gone; nobody reads it but the metrics. */
const CANCELLED: GrpcError = {
  name: 'CANCELLED',
  code: status.CANCELLED,
  details: 'The client cancelled the call.',
  internal: false,
};

/** A stream may go on for as long as its client likes: its handler hears here that it must finish what it has. */
function endStreams(streams: OpenStreams): void {
  const error = new UnavailableError('The server is stopping.');
  for (const stream of streams) stream.destroy(error);
}

/** `/attune.v1.EventsService/PutEvents` belongs to `attune.v1.EventsService`. */
function serviceName(method: MethodDefinition<unknown, unknown>): string {
  return method.path.split('/')[1]!;
}

function serverCredentials(tls: GrpcServerOptions['tls']): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const keys = { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.privateKey) };
  return ServerCredentials.createSsl(null, [keys]);
}

function bind(server: Server, host: string, port: number, serverCredentials: ServerCredentials): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials, (error, boundPort) => {
      if (!error) return resolve(boundPort);
      server.forceShutdown();
      reject(explainListenError(error, host, port));
    });
  });
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.forceShutdown(), DRAIN_MS);
    server.tryShutdown((error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}
