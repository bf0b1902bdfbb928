import type { Caller } from '@attune/domain';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { awsJsonError, RequestError } from './awsError';
import { type CallerHandlers, type ControlOperation, controlOperations } from './controlOperations';
import { replyError } from './errorReply';
import { readBodies } from './requestBody';
import { parseShape, shorten } from './violations';
import { writeShape } from './writeShape';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'AmazonPersonalize.';

/**
 * The service "personalize" over AWS JSON 1.1: `POST /`, with the operation in the header `X-Amz-Target`. Checks each
 * request against its shape, writes times as seconds, and answers with the operation's own error types. To be used on a
 * server that `speakRestJson` set up; the two protocols then share it, each with its own form of errors.
 *
 * `application/json` is taken too, so that curl and web pages need no special content type. A page of another origin can
 * still not call: a browser asks first whether it may send `X-Amz-Target`, and the answer is no.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function awsJsonRoutes(handlers: CallerHandlers): FastifyPluginAsync {
  return async (app) => {
    readBodies(app, [CONTENT_TYPE, 'application/json'], 400);
    // Last of all, since fastify adds a charset to what it serializes, and gives errors its own type.
    app.addHook('onSend', async (_request, reply) => {
      reply.header('content-type', CONTENT_TYPE);
    });
    app.setErrorHandler((error, request, reply) => {
      const operation = targetOf(request);
      const modelled = operation ? controlOperations[operation].errors : [];
      return replyError(request, reply, error, awsJsonError(error, modelled));
    });
    app.post('/', { config: { operationOf: targetOf } }, async (request) => {
      const operation = targetOf(request);
      if (operation === undefined) throw unknownOperation(request);
      return perform(handlers, operation, request.body ?? {}, request.caller);
    });
  };
}

async function perform<Op extends ControlOperation>(
  handlers: CallerHandlers,
  operation: Op,
  body: unknown,
  caller: Caller,
) {
  const { input, output } = controlOperations[operation];
  const handle: CallerHandlers[Op] = handlers[operation];
  // The shape is this operation's own, which TypeScript does not follow through the union of all operations.
  const request = parseShape(input, body) as Parameters<typeof handle>[0];
  return writeShape(output, await handle(request, caller));
}

/** The operation that a request names; undefined where there is no such operation. */
export function targetOf(request: FastifyRequest): ControlOperation | undefined {
  const target = String(request.headers['x-amz-target']);
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
  return Object.hasOwn(controlOperations, name) ? (name as ControlOperation) : undefined;
}

function unknownOperation(request: FastifyRequest): RequestError {
  const target = request.headers['x-amz-target'];
  if (target === undefined) return new RequestError(404, `The header X-Amz-Target is missing: ${EXPECTED}`);
  return new RequestError(404, `There is no operation "${shorten(String(target))}": ${EXPECTED}`);
}

const EXPECTED = `expected ${TARGET_PREFIX}OPERATION, for example ${TARGET_PREFIX}ListDatasetGroups.`;
