import { jsonProblem, putEventsRequest } from '@attune/aws';
import { type Batch, type Bus, type DeadLetter, type Message, type Subscription, topics } from '@attune/bus';
import { FULL_ACCESS, historyKey, type Interaction, InvalidInputError } from '@attune/domain';
import type { Logger } from '@attune/service';
import type { IngestMetrics } from './ingestMetrics';
import type { ReadEvents } from './readEvents';

/** The consumer group whose members share the clickstream. */
const GROUP = 'ingest';

/** What is kept of a message that is too large to be a dead letter beside its key and the reason, in bytes. */
const MAX_KEPT_BYTES = 900_000;
const MAX_KEPT_KEY_CHARACTERS = 1_000;

export interface ClickstreamParts {
  bus: Pick<Bus, 'publish' | 'subscribe'>;
  readEvents: ReadEvents;
  metrics: Pick<IngestMetrics, 'clickstream'>;
  logger: Logger;
}

/**
 * Takes the events that producers outside Attune write to the clickstream topic, each message a PutEvents call in JSON.
 * A message that breaks the rules becomes a dead letter with the reason. The position moves on when the events are durable
 * as interactions; a message that is read again then gives the same event ids, and is recorded once.
 */
export function startClickstream(parts: ClickstreamParts): Promise<Subscription> {
  return parts.bus.subscribe(topics.clickstream, { group: GROUP, onBatch: (batch) => takeBatch(batch, parts) });
}

async function takeBatch(batch: Batch<Uint8Array>, { bus, readEvents, metrics, logger }: ClickstreamParts) {
  const interactions: Interaction[] = [];
  const letters: DeadLetter[] = [];
  for (const message of batch.messages) {
    try {
      const newEventId = eventIds(batch, message);
      // Who may write to the topic is for Kafka to say.
      interactions.push(...(await readEvents(parseJson(message.value), putEventsRequest, FULL_ACCESS, newEventId)));
    } catch (error) {
      // Only the message itself can be wrong for ever. Where a part is away, the whole batch comes again.
      if (!(error instanceof InvalidInputError)) throw error;
      letters.push(deadLetter(batch, message, error));
    }
  }
  await bus.publish(
    topics.interactions,
    interactions.map((interaction) => ({ key: historyKey(interaction), value: interaction })),
  );
  await bus.publish(
    topics.deadLetters,
    letters.map((letter) => ({ key: letter.key, value: letter })),
  );
  for (const { partition, offset, reason } of letters)
    logger.warn({ partition, offset, reason }, 'clickstream refused');
  metrics.clickstream.inc({ outcome: 'taken' }, batch.messages.length - letters.length);
  metrics.clickstream.inc({ outcome: 'dead' }, letters.length);
}

/** @throws InvalidInputError that says where the JSON breaks off */
function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidInputError('The message is not valid UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError(`The message is not valid JSON: ${jsonProblem(text)}.`);
  }
}

/**
 * Ids for events without one, the same whenever the message is read. With the time, because a topic that was deleted and
 * created anew counts its offsets from 0 again.
 */
function eventIds({ topic, partition }: Batch<unknown>, { offset, publishedAt }: Message<unknown>): () => string {
  let count = 0;
  return () => `${topic}-${partition}-${offset}-${publishedAt}-${count++}`;
}

function deadLetter(
  { topic, partition }: Batch<unknown>,
  { key, value, offset }: Message<Uint8Array>,
  error: InvalidInputError,
): DeadLetter {
  const cut =
    value.length > MAX_KEPT_BYTES ? ` Of its ${value.length} bytes the first ${MAX_KEPT_BYTES} are kept.` : '';
  return {
    topic,
    partition,
    offset,
    key: key.slice(0, MAX_KEPT_KEY_CHARACTERS),
    value: value.subarray(0, MAX_KEPT_BYTES),
    reason: error.message + cut,
  };
}
