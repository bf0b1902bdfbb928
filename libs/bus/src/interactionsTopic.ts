import {
  datasetGroupName,
  eventId,
  type Interaction,
  InvalidInputError,
  itemId,
  MAX_ID_LENGTH,
  type PropertyValue,
  recommendationId,
  sessionId,
  userId,
} from '@attune/domain';
import { Interaction as InteractionMessage } from '@attune/proto';
import { protoEncoder } from './protoEncoder';
import { holdsNullCharacter, requireFields } from './protoFields';
import type { Topic } from './topic';

const encodeMessage = protoEncoder(InteractionMessage);

/** Events that ingest accepted, keyed by history key. */
export const interactionsTopic: Topic<Interaction> = {
  name: 'interactions',
  partitions: 12,
  encode: (interaction) => encodeMessage(toMessage(interaction)),
  decode: (bytes) => {
    const message = InteractionMessage.decode(bytes);
    const interaction = fromMessage(message);
    // On the wire, U+0000 is a byte that few messages have at all.
    if (bytes.includes(0) && holdsNullCharacter(message)) {
      throw new InvalidInputError('The interaction holds the character U+0000, which Postgres can not store.');
    }
    return interaction;
  },
};

function toMessage(interaction: Interaction): InteractionMessage {
  return {
    datasetGroup: interaction.datasetGroup,
    eventId: interaction.eventId,
    userId: interaction.userId ?? '',
    sessionId: interaction.sessionId,
    eventType: interaction.eventType,
    eventValue: interaction.eventValue,
    itemId: interaction.itemId ?? '',
    timestampMs: interaction.timestamp,
    receivedMs: interaction.receivedAt,
    recommendationId: interaction.recommendationId ?? '',
    impression: [...(interaction.impression ?? [])],
    properties: interaction.properties,
  };
}

/** What the database keeps in indexes, whose entries have at most 2704 bytes: a longer one would stop the archive for ever. */
const SHORT_TEXTS = ['datasetGroup', 'eventId', 'userId', 'sessionId', 'eventType', 'itemId'] as const;

const TIMES = ['timestampMs', 'receivedMs'] as const;

/** The weight of an interaction in popularity doubles every 30 days: soon after this time a double can't hold it. */
const LAST_TIME = Date.UTC(2100);

/** Members are assigned one by one: with that and the check for U+0000 by bytes, decoding takes 1.3 us in place of 2.1. */
function fromMessage(message: InteractionMessage): Interaction {
  requireFields('Interaction', {
    dataset_group: message.datasetGroup,
    event_id: message.eventId,
    session_id: message.sessionId,
    event_type: message.eventType,
    timestamp_ms: message.timestampMs,
    received_ms: message.receivedMs,
  });
  for (const name of SHORT_TEXTS) {
    if (message[name].length <= MAX_ID_LENGTH) continue;
    throw new InvalidInputError(
      `The interaction's ${name} has ${message[name].length} characters. The most is ${MAX_ID_LENGTH}.`,
    );
  }
  for (const name of TIMES) {
    if (message[name] <= LAST_TIME) continue;
    throw new InvalidInputError(`The interaction's ${name} is ${message[name]}, which lies after the year 2099.`);
  }
  const interaction: Interaction = {
    datasetGroup: datasetGroupName(message.datasetGroup),
    eventId: eventId(message.eventId),
    sessionId: sessionId(message.sessionId),
    eventType: message.eventType,
    timestamp: message.timestampMs,
    receivedAt: message.receivedMs,
  };
  if (message.userId !== '') interaction.userId = userId(message.userId);
  if (message.itemId !== '') interaction.itemId = itemId(message.itemId);
  if (message.eventValue !== undefined) interaction.eventValue = message.eventValue;
  if (message.recommendationId !== '') interaction.recommendationId = recommendationId(message.recommendationId);
  if (message.impression.length > 0) interaction.impression = message.impression.map(itemId);
  if (message.properties) interaction.properties = readProperties(message.properties);
  return interaction;
}

function readProperties(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, PropertyValue>> {
  for (const [name, value] of Object.entries(properties)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new InvalidInputError(
        `properties.${name} is ${JSON.stringify(value)}. Expected a string, a number or a boolean.`,
      );
    }
  }
  return properties as Readonly<Record<string, PropertyValue>>;
}
