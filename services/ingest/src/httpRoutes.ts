import { putEventsRequest } from '@attune/aws';
import type { FastifyPluginAsync } from 'fastify';
import type { PutEvents } from './putEvents';

/** `POST /events`, as AWS's personalize-events client calls it: 200 and an empty body once the events are durable. */
export function httpRoutes(putEvents: PutEvents): FastifyPluginAsync {
  return async (app) => {
    app.post('/events', async (request, reply) => {
      await putEvents(request.body ?? {}, putEventsRequest);
      return reply.code(200).send();
    });
  };
}
