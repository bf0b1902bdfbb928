import {
  datasetGroupName,
  InvalidInputError,
  itemId,
  MAX_ID_LENGTH,
  type PoolItem,
  recommendationId,
  type Slate,
  type SlatePolicySettings,
  userId,
} from '@attune/domain';
import {
  type PoolItem as PoolItemMessage,
  SlateKind,
  Slate as SlateMessage,
  type SlatePolicy as SlatePolicyMessage,
} from '@attune/proto';
import { protoEncoder } from './protoEncoder';
import { holdsNullCharacter, requireFields } from './protoFields';
import type { Topic } from './topic';

const encodeMessage = protoEncoder(SlateMessage);

/** The rule of the lists that were served before rules had names: the most relevant items in order. */
const FIRST_RULE = 'relevance';

/** Lists that were served, keyed by history key, or by recommendation id where the request named nobody. */
export const slatesTopic: Topic<Slate> = {
  name: 'slates',
  partitions: 12,
  encode: (slate) => encodeMessage(toMessage(slate)),
  decode: (bytes) => fromMessage(SlateMessage.decode(bytes)),
};

const kinds = { recommendations: SlateKind.SLATE_KIND_RECOMMENDATIONS, ranking: SlateKind.SLATE_KIND_RANKING } as const;

function toMessage(slate: Slate): SlateMessage {
  const { policy } = slate;
  return {
    datasetGroup: slate.datasetGroup,
    recommendationId: slate.recommendationId,
    campaignArn: slate.campaignArn,
    solutionVersionArn: slate.solutionVersionArn,
    userId: slate.userId ?? '',
    servedMs: slate.servedAt,
    kind: kinds[slate.kind],
    policy: {
      version: policy.version,
      explorationWeight: policy.explorationWeight,
      explorationItemAgeCutOffDays: policy.explorationItemAgeCutOff,
      seed: policy.seed,
      exposureImpressions: policy.exposureImpressions,
      exposureHours: policy.exposureHours,
    },
    relevant: [...slate.relevant],
    pool: [...slate.pool],
    poolEligible: slate.poolEligible,
    clickRate: slate.clickRate,
    slots: [...slate.slots],
    context: slate.context ?? {},
    degraded: slate.degraded,
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
  if (holdsNullCharacter(message)) {
    throw new InvalidInputError('The list holds the character U+0000, which Postgres can not store.');
  }
  if (message.userId.length > MAX_ID_LENGTH) {
    throw new InvalidInputError(
      `The list's userId has ${message.userId.length} characters. The most is ${MAX_ID_LENGTH}.`,
    );
  }
  if (!message.policy) throw new InvalidInputError('The message is no Slate: policy is missing.');
  return {
    datasetGroup: datasetGroupName(message.datasetGroup),
    recommendationId: recommendationId(message.recommendationId),
    campaignArn: message.campaignArn,
    solutionVersionArn: message.solutionVersionArn,
    ...(message.userId !== '' && { userId: userId(message.userId) }),
    servedAt: message.servedMs,
    kind: kindOf(message.kind),
    policy: policyOf(message.policy),
    relevant: message.relevant.map(({ itemId: id, score }) => ({ itemId: itemId(id), score })),
    pool: message.pool.map(poolItemOf),
    poolEligible: message.poolEligible,
    clickRate: message.clickRate,
    slots: message.slots.map((slot) => ({ ...slot, itemId: itemId(slot.itemId) })),
    ...(Object.keys(message.context).length > 0 && { context: message.context }),
    degraded: message.degraded,
  };
}

function kindOf(kind: SlateKind): Slate['kind'] {
  if (kind === SlateKind.SLATE_KIND_RANKING) return 'ranking';
  if (kind === SlateKind.SLATE_KIND_RECOMMENDATIONS || kind === SlateKind.SLATE_KIND_UNSPECIFIED) {
    return 'recommendations';
  }
  throw new InvalidInputError(`The kind ${kind} of a Slate is unknown to this version.`);
}

function policyOf(policy: SlatePolicyMessage): SlatePolicySettings {
  return {
    version: policy.version || FIRST_RULE,
    explorationWeight: policy.explorationWeight,
    explorationItemAgeCutOff: policy.explorationItemAgeCutOffDays,
    seed: policy.seed,
    exposureImpressions: policy.exposureImpressions,
    exposureHours: policy.exposureHours,
  };
}

function poolItemOf({ ageDays, ...item }: PoolItemMessage): PoolItem {
  return { ...item, itemId: itemId(item.itemId), ...(ageDays !== undefined && { ageDays }) };
}
