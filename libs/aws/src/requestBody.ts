import { takeBytes } from '@attune/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './awsError';
import { jsonProblem } from './jsonPosition';
import { shorten } from './violations';

/**
 * Makes a server read bodies as AWS's JSON protocols have them: a JSON object; nothing counts as an empty one. Anything
 * else is answered with a RequestError that says what is wrong, and where.
 * @param contentTypes the first is the protocol's own
 * @param wrongTypeStatus how the protocol answers another content type
 */
export function readBodies(app: FastifyInstance, contentTypes: readonly string[], wrongTypeStatus: 400 | 415): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...contentTypes], (request, payload, done) => {
    takeBytes(request, payload, (problem, bytes) => {
      const body = problem ?? readBody(bytes.toString());
      if (body instanceof Error) done(body);
      else done(null, body);
    });
  });
  app.addContentTypeParser('*', (request, payload, done) => {
    takeBytes(request, payload, (problem) => {
      done(problem ?? new RequestError(wrongTypeStatus, wrongContentType(request, contentTypes[0]!)));
    });
  });
}

/** @returns the object that a body holds, or what is wrong with it */
function readBody(body: string): object | RequestError {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    if (body.trim() === '') return {};
    return new RequestError(400, `The request body is not valid JSON: ${jsonProblem(body)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new RequestError(400, 'The request body must be a JSON object.');
  }
  return value;
}

/** Says which content type a request must have. */
function wrongContentType({ headers }: FastifyRequest, expected: string): string {
  const given = headers['content-type'];
  return `The content type must be ${expected}, and is ${given === undefined ? 'missing' : `"${shorten(given)}"`}.`;
}
