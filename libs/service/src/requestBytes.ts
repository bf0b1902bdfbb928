import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it was sent, from where its signature was verified to where it is parsed. */
    bytes: Buffer | undefined;
  }
}

type Done = (error: Error | null, bytes: Buffer) => void;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The body of a request, for a content type parser: what authentication has read of it, or else the payload's bytes.
 * Calls back with an error of fastify's status code 413 where the body is larger than the route takes, and of 400 where
 * the connection breaks off.
 */
export function takeBytes(request: FastifyRequest, payload: Readable, done: Done): void {
  const { bytes } = request;
  if (bytes === undefined) {
    readBytes(request, payload, done);
    return;
  }
  request.bytes = undefined;
  done(null, bytes);
}

/** Reads a payload to its end, or to the limit of the route; what comes after that is discarded. */
export function readBytes(request: FastifyRequest, payload: Readable, done: Done): void {
  const limit = request.routeOptions.bodyLimit;
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    done(tooLarge(limit), NOTHING);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (error: Error | null, bytes = NOTHING) => {
    payload.off('data', take).off('end', end).off('error', breakOff).off('close', breakOff);
    done(error, bytes);
  };
  const take = (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) finish(tooLarge(limit));
    else chunks.push(chunk);
  };
  const end = () => finish(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
  const breakOff = () => finish(new BodyError(400, 'The connection was closed before the request was whole.'));
  payload.on('data', take).on('end', end).on('error', breakOff).on('close', breakOff);
}

class BodyError extends Error {
  constructor(
    readonly statusCode: 400 | 413,
    message: string,
  ) {
    super(message);
  }
}

function tooLarge(limit: number): BodyError {
  return new BodyError(413, `The request body is too large: at most ${limit} bytes are taken.`);
}
