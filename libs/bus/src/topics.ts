import { catalogTopic } from './catalogTopic';
import { clickstreamTopic } from './clickstreamTopic';
import { deadLettersTopic } from './deadLettersTopic';
import { interactionsTopic } from './interactionsTopic';
import { modelsTopic } from './modelsTopic';
import { slatesTopic } from './slatesTopic';

/** Every topic of Attune. */
export const topics = {
  interactions: interactionsTopic,
  slates: slatesTopic,
  catalog: catalogTopic,
  models: modelsTopic,
  deadLetters: deadLettersTopic,
  clickstream: clickstreamTopic,
} as const;
