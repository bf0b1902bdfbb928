import { catalogTopic } from './catalogTopic';
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
} as const;
