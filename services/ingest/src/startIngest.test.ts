import { speakRestJson } from '@attune/aws';
import { type Bus, type DeadLetter, openEmbeddedLog, topics } from '@attune/bus';
import { type Database, openPglite } from '@attune/database';
import { datasetGroupName, type Interaction, trackingId, UnavailableError } from '@attune/domain';
import { EventsServiceClient, type PutEventsRequest, type StreamEventsResponse } from '@attune/proto';
import {
  createLogger,
  type GrpcServer,
  type HttpServer,
  Registry,
  startGrpcServer,
  startHttpServer,
} from '@attune/service';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { type Ingest, startIngest } from './startIngest';

const logger = createLogger({ service: 'test', level: 'silent' });
const NOW = Date.parse('2026-01-31T12:00:00Z');
const SENT_AT = NOW / 1000 - 60;

interface Edge {
  ingest: Ingest;
  http: HttpServer;
  grpc: GrpcServer;
  client: EventsServiceClient;
  metrics: Registry;
}

/** Ingest behind real servers, on this bus. */
async function startEdge(bus: Pick<Bus, 'publish' | 'subscribe'>): Promise<Edge> {
  const metrics = new Registry();
  const ingest = await startIngest({
    bus,
    findDatasetGroup: async (id) => (id === trackingId('tracker') ? datasetGroupName('shop') : undefined),
    now: () => NOW,
    metrics,
    logger,
  });
  const http = await startHttpServer({
    port: 0,
    logger,
    metrics,
    configure: speakRestJson,
    routes: [ingest.routes],
    health: async () => ({ missing: [] }),
  });
  const grpc = await startGrpcServer({ port: 0, logger, metrics, services: [ingest.grpc] });
  const client = new EventsServiceClient(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
  return { ingest, http, grpc, client, metrics };
}

/** A bus on which nothing arrives. */
const silent: Pick<Bus, 'subscribe'> = { subscribe: async () => ({ stop: async () => {} }) };

async function stopEdge({ ingest, http, grpc, client }: Edge): Promise<void> {
  client.close();
  await http.stop();
  await grpc.stop();
  await ingest.stop();
}

function post({ http }: Edge, body: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${http.port}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function putEvents({ client }: Edge, request: PutEventsRequest): Promise<ServiceError | null> {
  return new Promise((resolve) => client.putEvents(request, resolve));
}

const event = { eventType: 'click', itemId: 'i1', sentAt: SENT_AT };
const call = { trackingId: 'tracker', userId: 'u1', sessionId: 's1', eventList: [event] };
const grpcEvent = {
  eventId: '',
  eventType: 'click',
  itemId: 'i1',
  sentAt: new Date(SENT_AT * 1000),
  recommendationId: '',
  impression: [],
};
const grpcCall = { trackingId: 'tracker', userId: 'u1', sessionId: 's1', events: [grpcEvent] };

describe('on the embedded bus', () => {
  let database: Database;
  let bus: Bus;
  let edge: Edge;
  const arrived: Interaction[] = [];

  beforeAll(async () => {
    database = await openPglite();
    bus = await openEmbeddedLog({ database, logger });
    await bus.follow(topics.interactions, {
      from: 'beginning',
      onBatch: async ({ messages }) => void arrived.push(...messages.map(({ value }) => value)),
    });
    edge = await startEdge(bus);
  });

  afterAll(async () => {
    await stopEdge(edge);
    await bus.close();
    await database.close();
  });

  async function arrival(sessionId: string): Promise<Interaction[]> {
    const deadline = Date.now() + 5_000;
    for (;;) {
      const found = arrived.filter((interaction) => interaction.sessionId === sessionId);
      if (found.length > 0 || Date.now() > deadline) return found;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  test('an HTTP call answers 200 with an empty body, and its events are on the bus, stamped', async () => {
    const answer = await post(edge, { ...call, sessionId: 'http', eventList: [{ ...event, properties: '{"a":1}' }] });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
    expect(await arrival('http')).toEqual([
      {
        datasetGroup: 'shop',
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        userId: 'u1',
        sessionId: 'http',
        eventType: 'click',
        itemId: 'i1',
        timestamp: SENT_AT * 1000,
        receivedAt: NOW,
        properties: { a: 1 },
      },
    ]);
  });

  test('a gRPC call puts the same on the bus', async () => {
    const events = [{ ...grpcEvent, eventId: 'e1', properties: { a: 1 } }];
    expect(await putEvents(edge, { ...grpcCall, sessionId: 'grpc', events })).toBeNull();
    expect(await arrival('grpc')).toEqual([
      {
        datasetGroup: 'shop',
        eventId: 'e1',
        userId: 'u1',
        sessionId: 'grpc',
        eventType: 'click',
        itemId: 'i1',
        timestamp: SENT_AT * 1000,
        receivedAt: NOW,
        properties: { a: 1 },
      },
    ]);
  });

  test('a stream records what is right, and names by number and field what is wrong', async () => {
    const streamed = (eventType: string, sessionId = 'stream') => ({
      ...grpcCall,
      sessionId,
      events: [{ ...grpcEvent, eventType }],
    });
    const answer = await new Promise<StreamEventsResponse>((resolve, reject) => {
      const stream = edge.client.streamEvents((error, response) => (error ? reject(error) : resolve(response)));
      for (let count = 0; count < 200; count += 1) stream.write(streamed(`click ${count}`));
      stream.write(streamed('', 'refused'));
      stream.write(streamed('last'));
      stream.end();
    });
    expect(answer).toEqual({
      acceptedEvents: 201,
      refusedRequests: 1,
      refused: [{ index: 200, reason: expect.stringContaining("at 'events[0].event_type' failed to satisfy") }],
    });
    const types = (await arrival('stream')).map(({ eventType }) => eventType);
    expect(types).toHaveLength(201);
    expect(types.at(-1)).toBe('last');
    expect(arrived.filter(({ sessionId }) => sessionId === 'refused')).toEqual([]);
  });

  test('a call without a user is taken', async () => {
    const { userId, ...anonymous } = call;
    expect((await post(edge, { ...anonymous, sessionId: 'visitor' })).status).toBe(200);
    expect((await arrival('visitor'))[0]).not.toHaveProperty('userId');
  });
});

describe('the clickstream', () => {
  let database: Database;
  let bus: Bus;
  let edge: Edge;
  const arrived: Interaction[] = [];
  const letters: DeadLetter[] = [];

  beforeAll(async () => {
    database = await openPglite();
    bus = await openEmbeddedLog({ database, logger });
    await bus.follow(topics.interactions, {
      from: 'beginning',
      onBatch: async ({ messages }) => void arrived.push(...messages.map(({ value }) => value)),
    });
    await bus.follow(topics.deadLetters, {
      from: 'beginning',
      onBatch: async ({ messages }) => void letters.push(...messages.map(({ value }) => value)),
    });
    edge = await startEdge(bus);
  });
  beforeEach(() => {
    arrived.length = 0;
    letters.length = 0;
  });
  afterAll(async () => {
    await stopEdge(edge);
    await bus.close();
    await database.close();
  });

  const write = (...values: (object | string | Uint8Array)[]) =>
    bus.publish(
      topics.clickstream,
      values.map((value) => ({
        key: 'u1',
        value:
          value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      })),
    );

  async function until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!done() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(done()).toBe(true);
  }

  test('is recorded as PutEvents is', async () => {
    await write({ ...call, eventList: [{ ...event, eventId: 'mine', properties: '{"a":1}' }, event] });
    await until(() => arrived.length === 2);
    expect(arrived).toMatchObject([
      { datasetGroup: 'shop', eventId: 'mine', userId: 'u1', timestamp: SENT_AT * 1000, properties: { a: 1 } },
      { eventId: expect.stringMatching(/^clickstream-\d+-\d+-\d+-0$/) },
    ]);
    expect(letters).toEqual([]);
  });

  test.each([
    ['no JSON', '{"trackingId": ', 'The message is not valid JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff]), 'The message is not valid UTF-8'],
    ['another thing', '[1]', 'failed to satisfy constraint'],
    ['a wrong member', { ...call, eventList: [event, { ...event, itemId: 7 }] }, "at 'eventList.2.member.itemId'"],
    ['an unknown tracking id', { ...call, trackingId: 'other' }, "Value 'other' at 'trackingId'"],
    ['a time in the far future', { ...call, eventList: [{ ...event, sentAt: NOW }] }, "at 'eventList.1.member.sentAt'"],
  ])('with %s is a dead letter that says so, and what follows is taken', async (_, value, reason) => {
    await write(value, call);
    await until(() => letters.length === 1 && arrived.length === 1);
    expect(letters[0]).toMatchObject({ topic: 'clickstream', key: 'u1', reason: expect.stringContaining(reason) });
  });

  test('keeps of a huge wrong message what a dead letter can hold', async () => {
    await write('x'.repeat(990_000));
    await until(() => letters.length === 1);
    expect(letters[0]!.value).toHaveLength(900_000);
    expect(letters[0]!.reason).toContain('Of its 990000 bytes the first 900000 are kept.');
  });
});

describe('refused', () => {
  const published: unknown[] = [];
  let edge: Edge;

  beforeAll(async () => {
    edge = await startEdge({ ...silent, publish: async (_topic, messages) => void published.push(...messages) });
  });
  afterAll(() => stopEdge(edge));
  afterEach(() => expect(published).toEqual([]));

  test.each([
    ['no events', { ...call, eventList: [] }, 'eventList'],
    ['11 events', { ...call, eventList: Array(11).fill(event) }, 'eventList'],
    ['an unknown tracking id', { ...call, trackingId: 'other' }, 'trackingId'],
    [
      'malformed properties',
      { ...call, eventList: [event, { ...event, properties: '{' }] },
      'eventList.2.member.properties',
    ],
    ['a user id of 300 characters', { ...call, userId: 'u'.repeat(300) }, 'userId'],
    ['a time before 1970', { ...call, eventList: [{ ...event, sentAt: -1 }] }, 'eventList.1.member.sentAt'],
    [
      'a time 25 hours ahead',
      { ...call, eventList: [{ ...event, sentAt: NOW / 1000 + 90_000 }] },
      'eventList.1.member.sentAt',
    ],
    ['milliseconds for seconds', { ...call, eventList: [{ ...event, sentAt: NOW }] }, 'eventList.1.member.sentAt'],
    ['an empty call', {}, 'trackingId'],
  ])('over HTTP: %s', async (_, body, member) => {
    const answer = await post(edge, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidInputException');
    const { __type, message } = (await answer.json()) as { __type: string; message: string };
    expect(__type).toBe('InvalidInputException');
    expect(message).toContain(`at '${member}' failed to satisfy constraint: `);
  });

  test.each([
    ['no events', { ...grpcCall, events: [] }, 'events'],
    ['11 events', { ...grpcCall, events: Array(11).fill(grpcEvent) }, 'events'],
    ['an unknown tracking id', { ...grpcCall, trackingId: 'other' }, 'tracking_id'],
    ['a nested property', { ...grpcCall, events: [{ ...grpcEvent, properties: { a: {} } }] }, 'events[0].properties'],
    ['a session id of 300 characters', { ...grpcCall, sessionId: 's'.repeat(300) }, 'session_id'],
    ['no time', { ...grpcCall, events: [{ ...grpcEvent, sentAt: undefined }] }, 'events[0].sent_at'],
    ['no event type', { ...grpcCall, events: [{ ...grpcEvent, eventType: '' }] }, 'events[0].event_type'],
  ])('over gRPC: %s', async (_, request, field) => {
    const error = await putEvents(edge, request);
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error?.details).toContain(`at '${field}' failed to satisfy constraint: `);
    expect(String(error?.metadata.get('grpc-status-details-bin')[0])).toContain(field);
  });

  test('refusals are counted by member', async () => {
    await post(edge, { ...call, trackingId: 'other' });
    expect(await edge.metrics.metrics()).toMatch(
      /attune_ingest_calls_refused_total\{reason="InvalidInput",member="trackingId"\} [1-9]/,
    );
  });
});

describe('while the bus is away', () => {
  test('a stream ends, and names the request from which to repeat it', async () => {
    let taken = 0;
    const edge = await startEdge({
      ...silent,
      publish: async () => {
        taken += 1;
        if (taken > 3) throw new UnavailableError('the log is closed.');
      },
    });
    try {
      const error = await new Promise<ServiceError | null>((resolve) => {
        const stream = edge.client.streamEvents(resolve);
        for (let count = 0; count < 10; count += 1) stream.write(grpcCall);
        stream.end();
      });
      expect(error?.code).toBe(status.UNAVAILABLE);
      expect(error?.details).toContain('All requests before number 3, counted from 0, were recorded or refused.');
    } finally {
      await stopEdge(edge);
    }
  });

  test.each([
    ['it says so', () => Promise.reject(new UnavailableError('the log is closed'))],
    ['it does not answer', () => new Promise<void>(() => {})],
  ])('%s: the caller hears it within 2 s, and when to try again', async (_, publish) => {
    const edge = await startEdge({ ...silent, publish });
    try {
      const start = performance.now();
      const [http, grpc] = await Promise.all([post(edge, call), putEvents(edge, grpcCall)]);
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(http.status).toBe(503);
      expect(http.headers.get('x-amzn-errortype')).toBe('ServiceUnavailable');
      expect(http.headers.get('retry-after')).toBe('1');
      expect(grpc?.code).toBe(status.UNAVAILABLE);
    } finally {
      await stopEdge(edge);
    }
  });
});
