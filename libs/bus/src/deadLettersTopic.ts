import { DeadLetter as DeadLetterMessage } from '@attune/proto';
import { requireFields } from './protoFields';
import type { Topic } from './topic';

/** A message that could not be read or was refused, with the place it came from. */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: number;
  key: string;
  value: Uint8Array;
  /** Why, in words for a person. */
  reason: string;
}

/** What could not be read or was refused, under the key it had. */
export const deadLettersTopic: Topic<DeadLetter> = {
  name: 'dead-letters',
  partitions: 1,
  encode: (letter) => DeadLetterMessage.encode(letter).finish(),
  decode: (bytes) => {
    const letter = DeadLetterMessage.decode(bytes);
    requireFields('DeadLetter', { topic: letter.topic, reason: letter.reason });
    return letter;
  },
};

/** Leaves room in a message for the reason, and for the key, which the letter holds beside its own. */
const MAX_KEPT_VALUE_BYTES = 900_000;
const MAX_KEPT_KEY_CHARACTERS = 1_000;

/** A reason may quote what was wrong, which may be nearly all of the message. */
const MAX_REASON_CHARACTERS = 2_000;

/** The letter, with as much of the message and of the reason as one message of the topic can hold. */
export function fitDeadLetter(letter: DeadLetter): DeadLetter {
  const { key, value } = letter;
  const reason = shorten(letter.reason);
  if (value.length <= MAX_KEPT_VALUE_BYTES && key.length <= MAX_KEPT_KEY_CHARACTERS) return { ...letter, reason };
  return {
    ...letter,
    key: key.slice(0, MAX_KEPT_KEY_CHARACTERS),
    value: value.subarray(0, MAX_KEPT_VALUE_BYTES),
    reason: `${reason} The message had ${value.length} bytes; what is kept is its beginning.`,
  };
}

function shorten(reason: string): string {
  if (reason.length <= MAX_REASON_CHARACTERS) return reason;
  return `${reason.slice(0, MAX_REASON_CHARACTERS)}... (${reason.length} characters)`;
}
