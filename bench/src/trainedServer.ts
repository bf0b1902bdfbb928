import type { TrainingData } from './trainingData';

/** A trained Attune outside this process. */
export interface TrainedServer {
  /** Where gRPC calls of the two services go; embedded, the same address. */
  eventsAddress: string;
  recommendationsAddress: string;
  /** Where calls of `personalize` go, over HTTP. */
  controlUrl: string;
  campaignArn: string;
  trackingId: string;
  data: TrainingData;
  stop(): Promise<void>;
}
