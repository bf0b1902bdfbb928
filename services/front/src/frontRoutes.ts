import { targetOf } from '@attune/aws';
import { UnavailableError } from '@attune/domain';
import { traceparent } from '@attune/service';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';

/** Where each service listens, http://host:port. */
export interface Upstreams {
  control: string;
  ingest: string;
  inference: string;
}

/** What each service answers. Control's operations are told apart by the header X-Amz-Target. */
const PATHS: Readonly<Record<keyof Upstreams, readonly string[]>> = {
  control: ['/'],
  ingest: ['/events', '/items', '/users', '/actions', '/action-interactions'],
  inference: ['/recommendations', '/personalize-ranking', '/explanations', '/action-recommendations'],
};

/** A service that does not take a connection within this time is away. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Nothing in the API takes longer to answer: what takes long is a job that the client asks about. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Connections to one service. */
const CONNECTIONS = 128;

/** Passes each request to the service that answers it. @throws UnavailableError where that is away */
export function frontRoutes(upstreams: Upstreams): FastifyPluginAsync {
  return async (app) => {
    // Bodies pass as they come: every byte of them is signed.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, body, done) => done(null, body));
    for (const service of Object.keys(PATHS) as (keyof Upstreams)[]) {
      await app.register(async (scope) => passOn(scope, service, upstreams[service]));
    }
  };
}

async function passOn(app: FastifyInstance, service: keyof Upstreams, base: string): Promise<void> {
  await app.register(replyFrom, {
    base,
    disableRequestLogging: true,
    // A request is sent once: whether to repeat it is for the client, which signs it anew.
    retryMethods: [],
    undici: {
      connections: CONNECTIONS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    },
  });
  for (const path of PATHS[service]) {
    const config = path === '/' ? { operationOf: targetOf } : {};
    app.post(path, { config }, (request, reply) => {
      const trace = traceparent();
      return reply.from(path, {
        // The host is part of what is signed.
        rewriteRequestHeaders: (_request, headers) => ({
          ...headers,
          host: request.headers.host,
          ...(trace !== undefined && { traceparent: trace }),
        }),
        onError: (failed, { error }) => {
          request.log.warn({ err: error, service }, 'a service did not answer');
          void failed.send(new UnavailableError(`The service ${service} does not answer. Repeat the call.`));
        },
      });
    });
  }
}
