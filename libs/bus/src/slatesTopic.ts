import { datasetGroupName, InvalidInputError, itemId, recommendationId, type Slate, userId } from '@attune/domain';
import { Slate as SlateMessage } from '@attune/proto';
import { protoEncoder } from './protoEncoder';
import { requireFields } from './protoFields';
import type { Topic } from './topic';

const encodeMessage = protoEncoder(SlateMessage);

/** Lists that were served, keyed by history key, or by recommendation id where the request named nobody. */
export const slatesTopic: Topic<Slate> = {
  name: 'slates',
  partitions: 12,
  encode: (slate) => encodeMessage(toMessage(slate)),
  decode: (bytes) => fromMessage(SlateMessage.decode(bytes)),
};

function toMessage(slate: Slate): SlateMessage {
  return {
    datasetGroup: slate.datasetGroup,
    recommendationId: slate.recommendationId,
    campaignArn: slate.campaignArn,
    solutionVersionArn: slate.solutionVersionArn,
    userId: slate.userId ?? '',
    servedMs: slate.servedAt,
    policy: {
      explorationWeight: slate.policy.explorationWeight,
      explorationItemAgeCutOffDays: slate.policy.explorationItemAgeCutOff,
      seed: slate.policy.seed,
    },
    slots: slate.slots.map((slot) => ({ ...slot })),
  };
}

function fromMessage(message: SlateMessage): Slate {
  requireFields('Slate', {
    dataset_group: message.datasetGroup,
    recommendation_id: message.recommendationId,
    campaign_arn: message.campaignArn,
    solution_version_arn: message.solutionVersionArn,
    served_ms: message.servedMs,
  });
  if (!message.policy) throw new InvalidInputError('The message is no Slate: policy is missing.');
  return {
    datasetGroup: datasetGroupName(message.datasetGroup),
    recommendationId: recommendationId(message.recommendationId),
    campaignArn: message.campaignArn,
    solutionVersionArn: message.solutionVersionArn,
    ...(message.userId !== '' && { userId: userId(message.userId) }),
    servedAt: message.servedMs,
    policy: {
      explorationWeight: message.policy.explorationWeight,
      explorationItemAgeCutOff: message.policy.explorationItemAgeCutOffDays,
      seed: message.policy.seed,
    },
    slots: message.slots.map((slot) => ({ ...slot, itemId: itemId(slot.itemId) })),
  };
}
