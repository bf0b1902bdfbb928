import type { FastifyRequest } from 'fastify';
import { RequestError } from './awsError';
import { jsonProblem } from './jsonPosition';
import { shorten } from './violations';

/**
 * Reads the body of a request in one of AWS's JSON protocols: a JSON object; nothing counts as an empty one.
 * A parser for fastify, to be given the body as a string.
 * @throws RequestError that says what is wrong, and where
 */
export async function readBody(_request: FastifyRequest, body: string): Promise<object> {
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

/** Says which content type a request must have. */
export function wrongContentType({ headers }: FastifyRequest, expected: string): string {
  const given = headers['content-type'];
  return `The content type must be ${expected}, and is ${given === undefined ? 'missing' : `"${shorten(given)}"`}.`;
}
