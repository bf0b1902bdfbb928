import { randomUUID } from 'node:crypto';
import type { Topic } from './topic';

/** A topic of texts with a name of its own. */
export function textTopic(partitions: number): Topic<string> {
  return {
    name: `texts-${randomUUID()}`,
    partitions,
    encode: (value) => Buffer.from(value),
    decode: (bytes) => Buffer.from(bytes).toString(),
  };
}
