import { Readable } from 'node:stream';
import { type Caller, FULL_ACCESS } from '@attune/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Who may reach a route: anyone; whoever may see the metrics; or, without this, callers that sign their requests. */
type Access = 'open' | 'metrics';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request. Set before any handler runs. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** Finds out who makes a request. Both throw an UnauthenticatedError where that is not proven. */
export interface HttpAuthentication {
  /**
   * Absent where others verify, to whom the server only passes requests on: its own caller then is nobody.
   * @param body the bytes as they were sent
   */
  authenticate?(request: FastifyRequest, body: Buffer): Caller;
  /** Who asks for the metrics. */
  authenticateMetrics(request: FastifyRequest): Caller;
}

/** May do nothing. */
const NOBODY: Caller = { name: 'nobody', planes: new Set() };

/**
 * Makes every request of a server say who makes it, before its body is parsed and whether or not there is such a route.
 * Without `authentication` everyone has full access.
 */
export function authenticateRequests(app: FastifyInstance, authentication: HttpAuthentication | undefined): void {
  app.decorateRequest('caller');
  app.addHook('preParsing', async (request, _reply, payload) => {
    const { access } = request.routeOptions.config;
    if (authentication === undefined || access === 'open') {
      request.caller = FULL_ACCESS;
      return payload;
    }
    if (access === 'metrics') {
      request.caller = authentication.authenticateMetrics(request);
      return payload;
    }
    if (!authentication.authenticate) {
      request.caller = NOBODY;
      return payload;
    }
    const body = await readBytes(payload, request);
    request.caller = authentication.authenticate(request, body);
    return replay(body);
  });
}

/** @throws an error with fastify's status code 413 where the body is larger than the route takes */
function readBytes(payload: Readable, request: FastifyRequest): Promise<Buffer> {
  const limit = request.routeOptions.bodyLimit;
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(new BodyTooLargeError(limit));
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    payload.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) reject(new BodyTooLargeError(limit));
      else chunks.push(chunk);
    });
    payload.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    payload.on('error', reject);
    payload.on('close', () => reject(new Error('The connection was closed before the request was whole.')));
  });
}

class BodyTooLargeError extends Error {
  readonly statusCode = 413;

  constructor(limit: number) {
    super(`The request body is larger than ${limit} bytes.`);
  }
}

/** The bytes as a stream again. fastify compares what it received with the content length by `receivedEncodedLength`. */
function replay(body: Buffer): Readable & { receivedEncodedLength: number } {
  const stream = new Readable({
    read() {
      this.push(body);
      this.push(null);
    },
  });
  return Object.assign(stream, { receivedEncodedLength: body.length });
}
