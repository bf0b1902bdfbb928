import { type DatasetGroupName, datasetGroupName } from '@attune/domain';
import { ModelNotice as ModelMessage } from '@attune/proto';
import { requireFields } from './protoFields';
import type { Topic } from './topic';

/** Says that a solution version finished training. */
export interface ModelNotice {
  datasetGroup: DatasetGroupName;
  solutionVersionArn: string;
  /** The folder that holds the artifact, `s3://bucket/key`. */
  artifactUri: string;
  /** Milliseconds since the epoch. */
  trainedAt: number;
}

/** Finished trainings, keyed by dataset group. */
export const modelsTopic: Topic<ModelNotice> = {
  name: 'models',
  partitions: 1,
  encode: ({ trainedAt, ...notice }) => ModelMessage.encode({ ...notice, trainedMs: trainedAt }).finish(),
  decode: (bytes) => fromMessage(ModelMessage.decode(bytes)),
};

function fromMessage(message: ModelMessage): ModelNotice {
  requireFields('ModelNotice', {
    dataset_group: message.datasetGroup,
    solution_version_arn: message.solutionVersionArn,
    artifact_uri: message.artifactUri,
    trained_ms: message.trainedMs,
  });
  return {
    datasetGroup: datasetGroupName(message.datasetGroup),
    solutionVersionArn: message.solutionVersionArn,
    artifactUri: message.artifactUri,
    trainedAt: message.trainedMs,
  };
}
