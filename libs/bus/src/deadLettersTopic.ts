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
