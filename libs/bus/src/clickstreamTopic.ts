import type { Topic } from './topic';

/**
 * Events that producers outside Attune write as JSON: the body of a PutEvents call with its tracking id, as
 * docs/clickstream.md describes. The bytes stay as they came: ingest reads them, and keeps them as a dead letter with the
 * reason where they are wrong.
 */
export const clickstreamTopic: Topic<Uint8Array> = {
  name: 'clickstream',
  partitions: 12,
  encode: (json) => json,
  decode: (bytes) => bytes,
};
