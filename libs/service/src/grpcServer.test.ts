import { EventEmitter, once } from 'node:events';
import { InvalidInputError, NotReadyError, ResourceNotFoundError, UnavailableError } from '@attune/domain';
import {
  Client,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthService, protoPath } from 'grpc-health-check';
import { BadRequest, ErrorInfo, RetryInfo } from 'nice-grpc-error-details';
import { Status } from 'nice-grpc-error-details/lib/proto/google/rpc/status';
import { type GrpcServer, grpcService, startGrpcServer } from './grpcServer';
import { createLogger } from './logger';
import { Registry } from './metrics';

const text = {
  serialize: (value: string): Buffer => Buffer.from(value),
  deserialize: (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
};

/** A service in the form in which ts-proto generates them. */
const EchoService = {
  echo: {
    path: '/test.Echo/Echo',
    requestStream: false,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
  join: {
    path: '/test.Echo/Join',
    requestStream: true,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
} as const;

const logged: string[] = [];
const logger = createLogger({ service: 'test', destination: { write: (line: string) => void logged.push(line) } });
const metrics = new Registry();
let server: GrpcServer;
let client: Client;

const WRONG = [
  { field: 'events[0].item_id', description: 'Member must not be null' },
  { field: 'tracking_id', description: 'Member must have length less than or equal to 256' },
];

/** Echoes the request, or fails in the way that it names. */
async function echo(request: string): Promise<string> {
  switch (request) {
    case 'invalid':
      throw new InvalidInputError('size must be positive');
    case 'unknown':
      throw new ResourceNotFoundError('no such thing');
    case 'members':
      throw new InvalidInputError('2 members are wrong', { fieldViolations: WRONG });
    case 'many members':
      throw new InvalidInputError('many members are wrong', {
        fieldViolations: Array.from({ length: 500 }, () => WRONG[0]!),
      });
    case 'verbose':
      throw new InvalidInputError('\u00e9'.repeat(100_000));
    case 'early':
      throw new NotReadyError('not trained');
    case 'away':
      throw new UnavailableError('the bus is away', 2);
    case 'defect':
      throw new TypeError('secret of the house');
    default:
      return `echo ${request}`;
  }
}

/** Joins what is streamed, and fails as a single call would. */
async function join(requests: AsyncIterable<string>): Promise<string> {
  const words: string[] = [];
  for await (const request of requests) words.push(await echo(request));
  return words.join();
}

const echoService = grpcService(EchoService, { echo, join });

beforeAll(async () => {
  server = await startGrpcServer({
    port: 0,
    logger,
    metrics,
    services: [echoService],
    reflection: loadSync(protoPath),
  });
  client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  await server.stop();
});

function call(request: string, through = client): Promise<string> {
  return new Promise((resolve, reject) => {
    through.makeUnaryRequest(EchoService.echo.path, text.serialize, text.deserialize, request, (error, response) =>
      error ? reject(error) : resolve(response!),
    );
  });
}

/** Opens a stream on a client, and tells how it ends. */
function stream(on: Client): { call: ClientWritableStream<string>; outcome: Promise<string | ServiceError> } {
  let settle: (outcome: string | ServiceError) => void;
  const outcome = new Promise<string | ServiceError>((resolve) => {
    settle = resolve;
  });
  const call = on.makeClientStreamRequest(EchoService.join.path, text.serialize, text.deserialize, (error, response) =>
    settle(error ?? response!),
  );
  return { call, outcome };
}

async function failureOf(request: string): Promise<ServiceError> {
  return call(request).then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: ServiceError) => error,
  );
}

function check(service: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = healthService.Check as (typeof healthService)[string];
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, response) =>
      error ? reject(error) : resolve((response as unknown as { status: string }).status),
    );
  });
}

test('a handler answers a call', async () => {
  expect(await call('hello')).toBe('echo hello');
});

describe('a stream of requests', () => {
  test('has one answer', async () => {
    const { call, outcome } = stream(client);
    for (const word of ['a', 'b', 'c']) call.write(word);
    call.end();
    expect(await outcome).toBe('echo a,echo b,echo c');
  });

  test('ends with the first failure, which the client need not wait for', async () => {
    const { call, outcome } = stream(client);
    call.write('invalid');
    expect(await outcome).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'size must be positive' });
  });

  test('that its client cancels is no defect', async () => {
    const before = logged.length;
    const answered = await streamsAnswered();
    const { call, outcome } = stream(client);
    call.write('a');
    // Its answer comes after the server has read the stream's beginning.
    await failureOf('invalid');
    call.cancel();
    expect(await outcome).toMatchObject({ code: status.CANCELLED });
    while ((await streamsAnswered()) === answered) await new Promise(setImmediate);
    expect(logged.slice(before)).toEqual([]);
  });

  test('hears at once that the server stops', async () => {
    const received = new EventEmitter();
    const waiting = grpcService(EchoService, {
      echo,
      join: async (requests) => {
        for await (const request of requests) received.emit(request);
        return '';
      },
    });
    const stopping = await startGrpcServer({ port: 0, logger, metrics: new Registry(), services: [waiting] });
    const other = new Client(`127.0.0.1:${stopping.port}`, credentials.createInsecure());
    const { call, outcome } = stream(other);
    const first = once(received, 'first');
    call.write('first');
    await first;
    await stopping.stop();
    expect(await outcome).toMatchObject({ code: status.UNAVAILABLE, details: 'The server is stopping.' });
    other.close();
  });
});

test.each([
  ['invalid', status.INVALID_ARGUMENT, 'size must be positive'],
  ['unknown', status.NOT_FOUND, 'no such thing'],
  ['early', status.FAILED_PRECONDITION, 'not trained'],
  ['away', status.UNAVAILABLE, 'the bus is away'],
])('an error for the caller keeps its message: %s', async (request, code, details) => {
  expect(await failureOf(request)).toMatchObject({ code, details });
});

test('bytes that are no message are refused as the mistake of the caller, in a stream too', async () => {
  const bytes = Buffer.from([0xff]);
  const refused = {
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('no protobuf message of /test.Echo/'),
  };
  const unary = new Promise((resolve) => {
    client.makeUnaryRequest(EchoService.echo.path, (raw: Buffer) => raw, text.deserialize, bytes, resolve);
  });
  expect(await unary).toMatchObject(refused);
  const streamed = new Promise((resolve) => {
    const { path } = EchoService.join;
    client.makeClientStreamRequest(path, (raw: Buffer) => raw, text.deserialize, resolve).write(bytes);
  });
  expect(await streamed).toMatchObject(refused);
});

test('a long message is cut to what a trailer can carry', async () => {
  expect((await failureOf('verbose')).details).toBe(`${'\u00e9'.repeat(1_000)}...`);
});

test('a client hears when to try again', async () => {
  expect((await failureOf('away')).metadata.get('grpc-retry-pushback-ms')).toEqual(['2000']);
});

/** What `grpc-status-details-bin` says, by the kind of detail. */
function detailsOf({ metadata }: ServiceError) {
  const [bytes] = metadata.get('grpc-status-details-bin') as Buffer[];
  const { code, message, details } = Status.decode(bytes!);
  const find = <Detail>(type: { $type: string; decode(bytes: Uint8Array): Detail }) => {
    const found = details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/${type.$type}`);
    return found && type.decode(found.value);
  };
  return { code, message, info: find(ErrorInfo), retry: find(RetryInfo), request: find(BadRequest) };
}

test('a program can read what was wrong', async () => {
  expect(detailsOf(await failureOf('members'))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    message: '2 members are wrong',
    info: { reason: 'INVALID_INPUT', domain: 'attune' },
    retry: undefined,
    request: { fieldViolations: WRONG },
  });
  const away = detailsOf(await failureOf('away'));
  expect(away).toMatchObject({ info: { reason: 'UNAVAILABLE' }, retry: { retryDelay: { seconds: 2 } } });
  expect(away.request).toBeUndefined();
});

test('as many wrong members are named as a trailer can carry', async () => {
  const { request } = detailsOf(await failureOf('many members'));
  expect(request!.fieldViolations.length).toBeGreaterThan(5);
  expect(request!.fieldViolations.length).toBeLessThan(50);
});

test('a defect is told to the log, not to the caller', async () => {
  const failure = await failureOf('defect');
  expect(failure.code).toBe(status.INTERNAL);
  expect(failure.details).not.toContain('secret of the house');
  expect(logged.join('')).toContain('secret of the house');
});

test('the health service answers for the server and each service, as it was told', async () => {
  expect(await check('')).toBe('NOT_SERVING');
  server.setServing(true);
  expect(await check('')).toBe('SERVING');
  expect(await check('test.Echo')).toBe('SERVING');
  await expect(check('test.Other')).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test('reflection lists the services of the proto files', async () => {
  expect(await reflectedServices(server.port)).toContain('grpc.health.v1.Health');
});

test('calls are counted by method and status', async () => {
  await call('counted');
  const text = await metrics.metrics();
  expect(text).toMatch(/attune_grpc_request_duration_seconds_count\{method="\/test.Echo\/Echo",status="OK"\} [1-9]/);
  expect(text).toMatch(/_count\{method="\/test.Echo\/Echo",status="INVALID_ARGUMENT"\} [1-9]/);
});

test('a port that is taken is named', async () => {
  const second = startGrpcServer({ port: server.port, logger, metrics: new Registry(), services: [] });
  await expect(second).rejects.toThrow(`Port ${server.port} on 127.0.0.1 is in use.`);
});

test('a call in hand is answered although the server is asked to stop', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let enter = () => {};
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const slowEcho = async (request: string) => {
    enter();
    await released;
    return request;
  };
  const slowServer = await startGrpcServer({
    port: 0,
    logger,
    metrics: new Registry(),
    services: [grpcService(EchoService, { echo: slowEcho, join })],
  });
  const slowClient = new Client(`127.0.0.1:${slowServer.port}`, credentials.createInsecure());
  const answer = call('late', slowClient);
  await entered;
  const stopped = slowServer.stop();
  release();
  expect(await answer).toBe('late');
  await stopped;
  slowClient.close();
});
/** How many streams have ended on the server. */
async function streamsAnswered(): Promise<number> {
  const counts = (await metrics.metrics()).matchAll(/_count\{method="\/test.Echo\/Join",status="\w+"\} (\d+)/g);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function reflectedServices(port: number): Promise<string[]> {
  const folder = require.resolve('@grpc/reflection').replace(/src\/index\.js$/, 'proto');
  const definition = loadSync('grpc/reflection/v1/reflection.proto', { includeDirs: [folder] });
  const Reflection = makeGenericClientConstructor(
    definition['grpc.reflection.v1.ServerReflection'] as never,
    'ServerReflection',
  );
  const reflection = new Reflection(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = reflection.serverReflectionInfo!() as unknown as NodeJS.ReadWriteStream & {
    write(message: object): void;
  };
  const answer = new Promise<{ listServicesResponse: { service: { name: string }[] } }>((resolve, reject) => {
    stream.on('data', resolve);
    stream.on('error', reject);
  });
  stream.write({ listServices: '' });
  const { listServicesResponse } = await answer;
  stream.end();
  reflection.close();
  return listServicesResponse.service.map(({ name }) => name);
}
