import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, topics } from '@attune/bus';
import type { PutEventsRequest } from '@attune/proto';
import { EventsServiceClient } from '@attune/proto';
import { credentials, Metadata } from '@grpc/grpc-js';

/** Few enough users that each has a history, many enough that all partitions have some. */
const USERS = 60;
const ITEMS = 40;
const HTTP_CLIENTS = 6;
const GRPC_CLIENTS = 2;

/** A client's pause between two calls: with 9 clients some 300 calls a second, which leaves two cores room. */
const PAUSE_MS = 20;

/** No fault keeps the system away for so long. */
const PATIENCE_MS = 60_000;

/** One message in so many of the clickstream breaks the rules. */
const WRONG_EVERY = 10;

export interface LoadOptions {
  /** Begins the ids of its events: no two loads have the same. */
  name: string;
  trackingId: string;
  httpUrl: string;
  grpcAddress: string;
  /** For the producer of the clickstream topic. */
  bus: Pick<Bus, 'publish'>;
}

/** What became of the events that were sent. */
export interface Sent {
  /** Ids of events that a 200, an OK or Kafka acknowledged. */
  acknowledged: Set<string>;
  /** Keys of messages that nobody can take: no two have the same. */
  wrong: Set<string>;
  /** Event ids and keys of what was under way when a load was abandoned: taken or not, nobody knows. */
  unknown: Set<string>;
  /** What PutEvents over HTTP answered, by status; 0 where there was no answer. */
  statuses: Map<number, number>;
}

/**
 * Clients that send events until they are stopped, in the three ways there are: each repeats a call under the same event
 * ids until it is acknowledged, as a good client does.
 */
export class Load {
  readonly sent: Sent = { acknowledged: new Set(), wrong: new Set(), unknown: new Set(), statuses: new Map() };
  private readonly underWay = new Set<string>();
  private stopping = false;
  private abandoned = false;
  private readonly clients: Promise<void>[] = [];
  private readonly grpc: EventsServiceClient;
  private calls = 0;

  constructor(private readonly options: LoadOptions) {
    this.grpc = new EventsServiceClient(options.grpcAddress, credentials.createInsecure());
  }

  start(): void {
    for (let client = 0; client < HTTP_CLIENTS; client++) this.clients.push(this.send((call) => this.overHttp(call)));
    for (let client = 0; client < GRPC_CLIENTS; client++) this.clients.push(this.send((call) => this.overGrpc(call)));
    this.clients.push(this.writeClickstream());
  }

  /** Lets every client have its last call acknowledged, then sends one more for each user, so that all are known again. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.clients);
    const last = Array.from({ length: USERS }, (_, user) => this.newCall(`user${user}`));
    await Promise.all(last.map((call) => this.acknowledge(call, () => this.overHttp(call))));
  }

  /** Lets go of calls that nobody acknowledges. */
  abandon(): void {
    this.stopping = true;
    this.abandoned = true;
    for (const id of this.underWay) this.sent.unknown.add(id);
    this.grpc.close();
  }

  private async send(attempt: (call: Call) => Promise<boolean>): Promise<void> {
    while (!this.stopping) {
      const call = this.newCall();
      await this.acknowledge(call, () => attempt(call));
      await pause(PAUSE_MS);
    }
  }

  private async writeClickstream(): Promise<void> {
    for (let count = 1; !this.stopping; count++) {
      const call = this.newCall();
      if (count % WRONG_EVERY === 0) {
        const key = `${this.options.name}-wrong-${count}`;
        await this.repeat([key], () => this.overKafka(key, { ...call, sessionId: '' }), this.sent.wrong);
      } else {
        await this.acknowledge(call, () => this.overKafka(call.userId, call));
      }
      await pause(PAUSE_MS);
    }
  }

  private newCall(user = `user${Math.floor(Math.random() * USERS)}`): Call {
    return newCall(this.options.trackingId, user, `${this.options.name}-${this.calls++}`);
  }

  private acknowledge({ eventList }: Call, attempt: () => Promise<boolean>): Promise<void> {
    const ids = eventList.map(({ eventId }) => eventId);
    return this.repeat(ids, attempt, this.sent.acknowledged);
  }

  /**
   * Repeats an attempt until it succeeds or the load is abandoned.
   * @param ids of what is sent, put among the done where it succeeded
   * @throws where none succeeds for a minute
   */
  private async repeat(ids: readonly string[], attempt: () => Promise<boolean>, done: Set<string>): Promise<void> {
    for (const id of ids) this.underWay.add(id);
    for (const start = performance.now(); !(await attempt()); await pause(200)) {
      if (this.abandoned) return;
      if (performance.now() - start > PATIENCE_MS) throw new Error(`No call was taken for ${PATIENCE_MS / 1000} s.`);
    }
    for (const id of ids) {
      this.underWay.delete(id);
      done.add(id);
    }
  }

  private async overHttp(call: Call): Promise<boolean> {
    const response = await fetch(`${this.options.httpUrl}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    }).catch(() => undefined);
    const status = response?.status ?? 0;
    this.sent.statuses.set(status, (this.sent.statuses.get(status) ?? 0) + 1);
    await response?.text().catch(() => undefined);
    return status === 200;
  }

  private overGrpc({ eventList, ...call }: Call): Promise<boolean> {
    const events = eventList.map((event) => ({
      ...event,
      sentAt: new Date(event.sentAt * 1000),
      recommendationId: '',
      impression: [],
    }));
    const request: PutEventsRequest = { ...call, events };
    return new Promise((resolve) => {
      this.grpc.putEvents(request, new Metadata(), { deadline: Date.now() + 3_000 }, (error) =>
        resolve(error === null),
      );
    });
  }

  private overKafka(key: string, message: object): Promise<boolean> {
    return this.options.bus.publish(topics.clickstream, [{ key, value: Buffer.from(JSON.stringify(message)) }]).then(
      () => true,
      () => false,
    );
  }
}

interface Call {
  trackingId: string;
  userId: string;
  sessionId: string;
  eventList: { eventId: string; eventType: string; itemId: string; sentAt: number }[];
}

function newCall(trackingId: string, user: string, name: string): Call {
  const event = (part: string) => ({
    eventId: `${name}-${part}`,
    eventType: 'click',
    itemId: `i${Math.floor(Math.random() * ITEMS)}`,
    sentAt: Date.now() / 1000,
  });
  return { trackingId, userId: user, sessionId: user, eventList: [event('a'), event('b')] };
}
