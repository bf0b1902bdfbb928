import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { awsError } from './awsError';
import { jsonProblem } from './jsonPosition';

/** A request that can't be read: fastify's way to carry the status code. */
class RequestError extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Makes a server speak AWS's REST-JSON protocol: JSON requests, typed errors for everything that can go wrong from the
 * first byte on, and an `x-amzn-requestid` on every answer.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export function speakRestJson(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-requestid', request.id);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) =>
    parseBody(body),
  );
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no operation ${request.method} ${request.url.slice(0, 200)}.`;
    return sendError(request, reply, new RequestError(404, message));
  });
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
}

function parseBody(body: string): unknown {
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new RequestError(400, `The request body is not valid JSON: ${jsonProblem(body)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError(400, 'The request body must be a JSON object.');
  }
  return value;
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { statusCode, type, message, retryAfterSeconds } = awsError(error);
  if (statusCode === 500) request.log.error({ err: error, url: request.url }, 'request failed');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
  return reply.code(statusCode).header('x-amzn-errortype', type).send({ __type: type, message });
}
