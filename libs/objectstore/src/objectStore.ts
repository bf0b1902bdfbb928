import type { Readable } from 'node:stream';

/**
 * Files by bucket and key: a folder, or an S3 endpoint. Addressed as `s3://bucket/key`. Every method throws
 * InvalidInputError where a URI can't name an object, and UnavailableError where the store can't be reached.
 */
export interface ObjectStore {
  /** Writes an object whole or not at all; an object that was there is replaced. */
  put(uri: string, content: Uint8Array): Promise<void>;
  /** @throws ResourceNotFoundError where there is no such object */
  get(uri: string): Promise<Uint8Array>;
  /** Reads an object as it comes. @throws ResourceNotFoundError where there is no such object */
  stream(uri: string): Promise<Readable>;
  /** How many bytes an object has. @throws ResourceNotFoundError where there is no such object */
  size(uri: string): Promise<number>;
  /** The URIs of one bucket's objects that start with this one, in order of their UTF-8 bytes. */
  list(uriPrefix: string): Promise<string[]>;
  /** Removes an object. Removing what is not there is no error. */
  delete(uri: string): Promise<void>;
}
