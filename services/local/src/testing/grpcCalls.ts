import {
  EventsServiceClient,
  ExplorationServiceClient,
  RecommendationsServiceClient,
  TrainingServiceClient,
} from '@attune/proto';
import { type ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';

/** What a call came to: its answer, or the error. */
export type GrpcOutcome = { code: number; details?: string; answer?: unknown };

/** Every kind of call that a server takes, each by a client of its own. */
export function grpcCalls(address: string, credentials: ChannelCredentials, headers: Record<string, string> = {}) {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);

  type Service<C extends Client> = new (address: string, credentials: ChannelCredentials) => C;
  type Done = (error: ServiceError | null, answer?: unknown) => void;
  const call = <C extends Client>(service: Service<C>, begin: (client: C, done: Done) => void) => {
    const client = new service(address, credentials);
    return new Promise<GrpcOutcome>((resolve) => {
      begin(client, (error, answer) =>
        resolve(error ? { code: error.code, details: error.details } : { code: 0, answer }),
      );
    }).finally(() => client.close());
  };
  const events = (trackingId: string) => ({
    trackingId,
    userId: 'ann',
    sessionId: 's',
    events: [
      { eventId: '', eventType: 'click', itemId: 'i', sentAt: new Date(), recommendationId: '', impression: [] },
    ],
  });

  return {
    getRecommendations: (campaignArn: string) =>
      call(RecommendationsServiceClient, (client, done) =>
        client.getRecommendations(
          { campaignArn, userId: 'ann', numResults: 5, metadataColumns: [], context: {} },
          metadata,
          done,
        ),
      ),
    explainRecommendation: (campaignArn: string) =>
      call(RecommendationsServiceClient, (client, done) =>
        client.explainRecommendation({ campaignArn, userId: 'ann', itemId: 'i', context: {} }, metadata, done),
      ),
    getPersonalizedRanking: (campaignArn: string) =>
      call(RecommendationsServiceClient, (client, done) =>
        client.getPersonalizedRanking(
          { campaignArn, userId: 'ann', itemIds: ['i'], metadataColumns: [], context: {} },
          metadata,
          done,
        ),
      ),
    putEvents: (trackingId: string) =>
      call(EventsServiceClient, (client, done) => client.putEvents(events(trackingId), metadata, done)),
    streamEvents: (trackingId: string) =>
      call(EventsServiceClient, (client, done) => {
        const stream = client.streamEvents(metadata, done);
        stream.on('error', () => undefined);
        stream.write(events(trackingId));
        stream.end();
      }),
    getTrainingProgress: (solutionVersionArn: string) =>
      call(TrainingServiceClient, (client, done) => client.getTrainingProgress({ solutionVersionArn }, metadata, done)),
    getLearningCurve: (solutionVersionArn: string) =>
      call(TrainingServiceClient, (client, done) => client.getLearningCurve({ solutionVersionArn }, metadata, done)),
    listTrials: (solutionVersionArn: string) =>
      call(TrainingServiceClient, (client, done) => client.listTrials({ solutionVersionArn }, metadata, done)),
    watchTraining: (solutionVersionArn: string) =>
      call(TrainingServiceClient, (client, done) => {
        const stream = client.watchTraining({ solutionVersionArn }, metadata);
        stream.on('data', (answer) => done(null, answer)).on('error', done);
      }),
    replaySlate: (recommendationId: string) =>
      call(ExplorationServiceClient, (client, done) => client.replaySlate({ recommendationId }, metadata, done)),
    evaluateExploration: (campaignArn: string) =>
      call(ExplorationServiceClient, (client, done) =>
        client.evaluateExploration(
          {
            campaignArn,
            weights: [],
            cutOffs: [],
            solutionVersionArns: [],
            eventTypes: [],
            from: undefined,
            to: undefined,
          },
          metadata,
          done,
        ),
      ),
    /** Answers with the names of the services, in their bytes. */
    reflection: () =>
      call(Client, (client, done) => {
        const asItIs = (bytes: Buffer) => bytes;
        const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
        const stream = client.makeBidiStreamRequest(path, asItIs, asItIs, metadata);
        stream.on('data', (bytes: Buffer) => done(null, bytes.toString())).on('error', done);
        // ServerReflectionRequest { list_services: '' }
        stream.end(Buffer.from([0x3a, 0]));
      }),
    health: () =>
      call(Client, (client, done) => {
        const { path, requestSerialize, responseDeserialize } = healthService.Check as (typeof healthService)[string];
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: '' }, metadata, done as never);
      }),
  };
}
