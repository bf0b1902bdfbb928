import type { FastifyInstance } from 'fastify';
import { awsError, RequestError } from './awsError';
import { replyError } from './errorReply';
import { readBodies } from './requestBody';

const CONTENT_TYPE = 'application/json';

/**
 * Makes a server speak AWS's REST-JSON protocol: JSON requests, typed errors for everything that can go wrong from the
 * first byte on, and an `x-amzn-requestid` on every answer.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export function speakRestJson(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-amzn-requestid', request.id);
    done();
  });
  readBodies(app, [CONTENT_TYPE], 415);
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no operation ${request.method} ${request.url.slice(0, 200)}.`;
    const error = new RequestError(404, message);
    return replyError(request, reply, error, awsError(error));
  });
  app.setErrorHandler((error, request, reply) => replyError(request, reply, error, awsError(error)));
}
