import { once } from 'node:events';
import { type Caller, FULL_ACCESS, UnavailableError } from '@attune/domain';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
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
import type { GrpcAuthenticate, GrpcCredentials } from './grpcAuthentication';
import { type GrpcError, grpcError } from './grpcError';
import { explainListenError } from './listenError';
import { latencyHistogram, secondsSince } from './metrics';
import { inSpan, isTracing, parentOf } from './spans';
import { readable, readableStream, takingAnyBytes } from './unreadableRequests';

/** Answers one method: takes the request, gives the response or rejects. */
type UnaryHandler<Request, Response> = (request: Request, caller: Caller) => Promise<Response>;

/**
 * Answers one method to which the client sends a stream. Requests come as fast as they are taken: one that is not asked
 * for stays with the client, whose own writing then waits. Their end is an UnavailableError where the server stops.
 */
type ClientStreamHandler<Request, Response> = (requests: AsyncIterable<Request>, caller: Caller) => Promise<Response>;

/**
 * Answers one method by a stream: responses are taken from the iterable as fast as the client takes them.
 * @param signal aborted when the client has gone or the server stops: the iterable must end soon
 */
type ServerStreamHandler<Request, Response> = (
  request: Request,
  signal: AbortSignal,
  caller: Caller,
) => AsyncIterable<Response>;

/** A handler for each method of a service definition that ts-proto generated. */
export type GrpcHandlers<Definition> = {
  [Method in keyof Definition]: Definition[Method] extends {
    requestStream: infer RequestStream;
    responseStream: infer ResponseStream;
    requestDeserialize: (bytes: Buffer) => infer Request;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? RequestStream extends true
      ? ClientStreamHandler<Request, Response>
      : ResponseStream extends true
        ? ServerStreamHandler<Request, Response>
        : UnaryHandler<Request, Response>
    : never;
};

/** A service and what answers it, made by `grpcService`. */
export interface GrpcService {
  definition: ServiceDefinition;
  handlers: Readonly<Record<string, Handler>>;
}

type Call = ServerUnaryCall<unknown, unknown> | ServerReadableStream<unknown, unknown>;

/** Takes the request, or the stream of requests, and gives the response, or the stream of responses. */
type Handler = (received: unknown, second: never, caller: Caller) => Promise<unknown> | AsyncIterable<unknown>;

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
  tls?: {
    certificate: string;
    privateKey: string;
    /** Signs the certificates that clients must show, in PEM. Without it none is asked for. */
    clientCa?: string;
  };
  /** Who makes a call; health checks are open. Without it everyone may do everything. */
  authenticate?: GrpcAuthenticate;
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
 * Serves gRPC methods that stream in one direction or none, with the standard health service and, where proto files are given, reflection.
 * Errors become statuses as `grpcError` says.
 * @throws InvalidInputError where the port is taken
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host = '127.0.0.1', port, logger, metrics, services, authenticate = () => FULL_ACCESS } = options;
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
      const observe = observer(method, duration, logger);
      const answering = { authenticate, streams, observe, trace: tracer(method) };
      implementation[name] = method.responseStream
        ? answerByStream(handlers[name] as StreamHandler, answering)
        : answer(handlers[name] as UnaryOrReading, answering);
      names.push(serviceName(method));
    }
    server.addService(takingAnyBytes(definition), implementation);
  }
  const health = new HealthImplementation();
  const setServing = (serving: boolean) => {
    for (const name of new Set(names)) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(false);
  health.addToServer(server);
  if (options.reflection) addReflection(server, options.reflection, authenticate);
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

/** What ends each stream that is open when the server stops. */
type OpenStreams = Set<(error: UnavailableError) => void>;

/** Measures a call from now on. */
type Observe = () => {
  succeeded(): void;
  /** @returns what the client is told */
  failed(error: unknown, cancelled: boolean): GrpcError;
};

function observer(
  { path: method }: MethodDefinition<unknown, unknown>,
  duration: Histogram<'method' | 'status'>,
  logger: Logger,
): Observe {
  const succeeded = duration.labels(method, 'OK');
  return () => {
    const start = performance.now();
    return {
      succeeded: () => succeeded.observe(secondsSince(start)),
      failed: (error, cancelled) => {
        const told = cancelled ? CANCELLED : grpcError(error);
        if (told.internal) logger.error({ err: error, method }, 'call failed');
        duration.observe({ method, status: told.name }, secondsSince(start));
        return told;
      },
    };
  };
}

type UnaryOrReading = (received: unknown, caller: Caller) => Promise<unknown>;
type StreamHandler = (request: unknown, signal: AbortSignal, caller: Caller) => AsyncIterable<unknown>;

/** Does the work of a call in a span of its own, within its caller's trace. */
type Trace = <Result>(call: Pick<GrpcCredentials, 'metadata'>, work: () => Promise<Result>) => Promise<Result>;

function tracer({ path }: MethodDefinition<unknown, unknown>): Trace {
  if (!isTracing()) return (_, work) => work();
  const name = path.slice(1);
  const [service, method] = name.split('/');
  const attributes = { 'rpc.system': 'grpc', 'rpc.service': service!, 'rpc.method': method! };
  return ({ metadata }, work) =>
    inSpan(name, { kind: 'server', attributes, parent: parentOf(metadata.getMap()) }, work);
}

/** What answering a method takes beside its handler. */
interface Answering {
  authenticate: GrpcAuthenticate;
  streams: OpenStreams;
  observe: Observe;
  trace: Trace;
}

function answer(
  handler: UnaryOrReading,
  { authenticate, streams, observe, trace }: Answering,
): UntypedServiceImplementation[string] {
  return (call: Call, callback: (error: object | null, response?: unknown) => void) => {
    const observed = observe();
    // A stream may go on for as long as its client likes: its handler hears here that it must finish what it has.
    const end = (error: UnavailableError) => void (call as ServerReadableStream<unknown, unknown>).destroy(error);
    if (!('request' in call)) streams.add(end);
    // In an async function, what a handler throws before its first await takes the same way as what it rejects with.
    trace(call, async () => {
      const caller = authenticate(call);
      return handler('request' in call ? readable(call.request) : readableStream(call), caller);
    })
      .finally(() => streams.delete(end))
      .then(
        (response) => {
          callback(null, response);
          observed.succeeded();
        },
        (error: unknown) => callback(observed.failed(error, call.cancelled)),
      );
  };
}

function answerByStream(
  handler: StreamHandler,
  { authenticate, streams, observe, trace }: Answering,
): UntypedServiceImplementation[string] {
  return (call: ServerWritableStream<unknown, unknown>) => {
    const observed = observe();
    const ending = new AbortController();
    const end = (error: UnavailableError) => ending.abort(error);
    streams.add(end);
    call.on('cancelled', () => ending.abort(new Error(CANCELLED.details)));
    const send = async () => {
      const caller = authenticate(call);
      for await (const response of handler(readable(call.request), ending.signal, caller)) {
        if (ending.signal.aborted) break;
        if (!call.write(response)) await once(call, 'drain', { signal: ending.signal });
      }
      ending.signal.throwIfAborted();
    };
    trace(call, send)
      .finally(() => streams.delete(end))
      .then(
        () => {
          call.end();
          observed.succeeded();
        },
        (error: unknown) => {
          const told = observed.failed(ending.signal.aborted ? ending.signal.reason : error, call.cancelled);
          if (!call.cancelled) call.emit('error', told);
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

function endStreams(streams: OpenStreams): void {
  const error = new UnavailableError('The server is stopping.');
  for (const end of streams) end(error);
}

/** `/attune.v1.EventsService/PutEvents` belongs to `attune.v1.EventsService`. */
function serviceName(method: MethodDefinition<unknown, unknown>): string {
  return method.path.split('/')[1]!;
}

function serverCredentials(tls: GrpcServerOptions['tls']): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const keys = { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.privateKey) };
  const clientCa = tls.clientCa ? Buffer.from(tls.clientCa) : null;
  return ServerCredentials.createSsl(clientCa, [keys], clientCa !== null);
}

/** Reflection shows no data, and a map of what there is: it is for callers too. */
function addReflection(server: Server, files: PackageDefinition, authenticate: GrpcAuthenticate): void {
  const guarded: Pick<Server, 'addService'> = {
    addService: (definition, implementation) => {
      const handlers = Object.entries(implementation).map(([name, handle]) => [name, guard(handle, authenticate)]);
      server.addService(definition, Object.fromEntries(handlers));
    },
  };
  new ReflectionService(files).addToServer(guarded as Server);
}

function guard(handle: unknown, authenticate: GrpcAuthenticate) {
  return (call: GrpcCredentials & Pick<ServerWritableStream<unknown, unknown>, 'emit'>, callback: unknown) => {
    try {
      authenticate(call);
    } catch (error) {
      call.emit('error', grpcError(error));
      return;
    }
    (handle as (call: unknown, callback: unknown) => void)(call, callback);
  };
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
