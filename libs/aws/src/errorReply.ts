import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AwsError } from './awsError';

/** Answers with an error: its type in the header and, for clients of AWS JSON, in the body too. */
export function replyError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  { statusCode, type, message, retryAfterSeconds }: AwsError,
): FastifyReply {
  if (statusCode === 500) {
    const operation = request.headers['x-amz-target'];
    request.log.error({ err: error, path: request.url.split('?')[0], operation }, 'request failed');
  }
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
  return reply.code(statusCode).header('x-amzn-errortype', type).send({ __type: type, message });
}
