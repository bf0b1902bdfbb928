import { eventsOperations, parseShape, putEventsRequest } from '@attune/aws';
import { InvalidInputError, requirePlane } from '@attune/domain';
import type { FastifyPluginAsync } from 'fastify';
import type { PutEvents } from './putEvents';
import { putItems } from './putItems';
import type { PutMetadataParts } from './putMetadata';
import { putUsers } from './putUsers';

/** What personalize-events has beyond this project. */
const OUTSIDE = ['PutActions', 'PutActionInteractions'] as const;

/**
 * `POST /events`, `/items` and `/users`, as AWS's personalize-events client calls them: 200 and an empty body once the data
 * is durable. Actions are refused.
 * @param metadata absent where this process keeps no items and users; then their paths are unknown
 */
export function httpRoutes(putEvents: PutEvents, metadata?: PutMetadataParts): FastifyPluginAsync {
  return async (app) => {
    app.post('/events', async (request, reply) => {
      await putEvents(request.body ?? {}, putEventsRequest, request.caller);
      return reply.code(200).send();
    });
    for (const operation of OUTSIDE) {
      const { path, input } = eventsOperations[operation];
      app.post(path, async (request) => {
        requirePlane(request.caller, 'data');
        parseShape(input, request.body ?? {});
        throw new InvalidInputError(`${operation}: actions are outside of this project.`);
      });
    }
    if (!metadata) return;
    app.post('/items', async (request, reply) => {
      await putItems(metadata, request.body ?? {}, request.caller);
      return reply.code(200).send();
    });
    app.post('/users', async (request, reply) => {
      await putUsers(metadata, request.body ?? {}, request.caller);
      return reply.code(200).send();
    });
  };
}
