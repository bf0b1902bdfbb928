import { promisify } from 'node:util';
import type {
  GetRecommendationsRequest,
  GetRecommendationsResponse,
  PutEventsRequest,
  PutEventsResponse,
} from '@attune/proto';
import { EventsServiceClient, RecommendationsServiceClient } from '@attune/proto';
import { credentials } from '@grpc/grpc-js';
import type { TrainedServer } from './trainedServer';

/** The two services of a server, as functions that answer with promises. */
export interface GrpcClients {
  events(request: PutEventsRequest): Promise<PutEventsResponse>;
  recommendations(request: GetRecommendationsRequest): Promise<GetRecommendationsResponse>;
  close(): void;
}

/** Asks for a list of a known user, and for nothing beside it. */
export function listRequest(
  { campaignArn }: Pick<TrainedServer, 'campaignArn'>,
  userId: string,
  numResults: number,
): GetRecommendationsRequest {
  return { campaignArn, userId, numResults, metadataColumns: [], context: {} };
}

export function connect({
  eventsAddress,
  recommendationsAddress,
}: Pick<TrainedServer, 'eventsAddress' | 'recommendationsAddress'>): GrpcClients {
  const events = new EventsServiceClient(eventsAddress, credentials.createInsecure());
  const recommendations = new RecommendationsServiceClient(recommendationsAddress, credentials.createInsecure());
  return {
    events: promisify<PutEventsRequest, PutEventsResponse>((request, done) => events.putEvents(request, done)),
    recommendations: promisify<GetRecommendationsRequest, GetRecommendationsResponse>((request, done) =>
      recommendations.getRecommendations(request, done),
    ),
    close: () => {
      events.close();
      recommendations.close();
    },
  };
}
