import { EventsServiceService, type StreamEventsResponse } from '@attune/proto';
import { Client, type ClientWritableStream, credentials } from '@grpc/grpc-js';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { Pool } from 'undici';
import { EVENTS_PER_CALL, type IngestCall } from './ingestCalls';
import { keepBusy } from './keepBusy';

/** Calls under way at one time, whatever the way: as many requests of one stream as ingest takes in hand. */
export const CALLS_UNDER_WAY = 50;

/** What one round of a way sent, all of it acknowledged as durable. */
export interface Rate {
  events: number;
  seconds: number;
}

/** Sends the calls in turns for so many milliseconds. */
export type IngestLoad = (milliseconds: number) => Promise<Rate>;

/** PutEvents over so many connections, kept open. */
export function httpLoad(url: string, calls: readonly IngestCall[]): IngestLoad {
  const pool = new Pool(url, { connections: CALLS_UNDER_WAY });
  const headers = { 'content-type': 'application/json' };
  return async (milliseconds) => {
    const { seconds, latencies } = await keepBusy(CALLS_UNDER_WAY, milliseconds, async (index) => {
      const { json } = calls[index % calls.length]!;
      const { statusCode, body } = await pool.request({ path: '/events', method: 'POST', headers, body: json });
      const answer = await body.text();
      if (statusCode !== 200) throw new Error(`PutEvents answered ${statusCode}: ${answer}`);
    });
    return { events: latencies.length * EVENTS_PER_CALL, seconds };
  };
}

/** One stream of StreamEvents over one connection, which is written to as fast as it is read. */
export function grpcLoad(address: string, calls: readonly IngestCall[]): IngestLoad {
  const client = new Client(address, credentials.createInsecure());
  const { path, responseDeserialize } = EventsServiceService.streamEvents;
  return async (milliseconds) => {
    const start = performance.now();
    let stream: ClientWritableStream<Buffer>;
    const answered = new Promise<StreamEventsResponse>((resolve, reject) => {
      stream = client.makeClientStreamRequest(
        path,
        (bytes: Buffer) => bytes,
        responseDeserialize,
        (error, response) => (error ? reject(error) : resolve(response!)),
      );
    });
    for (let index = 0; performance.now() - start < milliseconds; index++) {
      if (!stream!.write(calls[index % calls.length]!.proto)) {
        await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), answered]);
      }
    }
    stream!.end();
    const { acceptedEvents, refusedRequests } = await answered;
    if (refusedRequests > 0) throw new Error(`StreamEvents refused ${refusedRequests} requests.`);
    return { events: acceptedEvents, seconds: (performance.now() - start) / 1000 };
  };
}

export interface BareProducerOptions {
  brokers: string[];
  topic: string;
  /** `send`s under way at one time, and the messages in each. */
  sends: number;
  messagesPerSend: number;
}

/** A kafkajs producer alone, which sends what ingest would write, encoded before. */
export async function bareProducerLoad(
  { brokers, topic, sends, messagesPerSend }: BareProducerOptions,
  calls: readonly IngestCall[],
): Promise<IngestLoad> {
  const kafka = new Kafka({ brokers, clientId: 'bare', logLevel: logLevel.ERROR });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  const callsPerSend = messagesPerSend / EVENTS_PER_CALL;
  return async (milliseconds) => {
    const { seconds, latencies } = await keepBusy(sends, milliseconds, (index) => {
      const start = (index * callsPerSend) % calls.length;
      const messages = calls.slice(start, start + callsPerSend).flatMap((call) => call.messages);
      return producer.send({ topic, acks: -1, messages });
    });
    return { events: latencies.length * messagesPerSend, seconds };
  };
}
