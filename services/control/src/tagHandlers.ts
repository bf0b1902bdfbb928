import type { ControlHandlers } from '@attune/aws';
import {
  changeResources,
  findDatasetGroup,
  findEventTrackerByName,
  isResource,
  listResourceTags,
  type Queryable,
  removeResourceTags,
} from '@attune/database';
import {
  type ArnKind,
  type ArnScope,
  datasetGroupName,
  InvalidInputError,
  parseArn,
  ResourceNotFoundError,
  requireArn,
  TooManyTagKeysError,
} from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { MAX_TAGS, tagResource } from './resourceTags';

type Operation = 'TagResource' | 'UntagResource' | 'ListTagsForResource';

export function tagHandlers({ database, scope }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    TagResource: async ({ resourceArn, tags }) => {
      await changeResources(database, async (transaction) => {
        await requireTaggable(transaction, scope, resourceArn);
        await tagResource(transaction, resourceArn, tags);
      });
      return {};
    },

    UntagResource: async ({ resourceArn, tagKeys }) => {
      if (tagKeys.length > MAX_TAGS) {
        throw new TooManyTagKeysError(`${tagKeys.length} tag keys are given. A resource has at most ${MAX_TAGS}.`);
      }
      await changeResources(database, async (transaction) => {
        await requireTaggable(transaction, scope, resourceArn);
        await removeResourceTags(transaction, resourceArn, tagKeys);
      });
      return {};
    },

    ListTagsForResource: async ({ resourceArn }) => {
      await requireTaggable(database, scope, resourceArn);
      const tags = await listResourceTags(database, resourceArn);
      return { tags: tags.map(({ key, value }) => ({ tagKey: key, tagValue: value })) };
    },
  };
}

/** The kinds of resource that may have tags, as the API's operations that create them take some. */
const TAGGABLE: readonly ArnKind[] = [
  'dataset-group',
  'dataset',
  'dataset-import-job',
  'dataset-export-job',
  'data-deletion-job',
  'event-tracker',
  'solution',
  'solution-version',
  'campaign',
];

async function requireTaggable(db: Queryable, scope: ArnScope, arn: string): Promise<void> {
  const { type, name: given } = parseArn(arn);
  const kind = type === 'solution' && given.includes('/') ? 'solution-version' : (type as ArnKind);
  if (!TAGGABLE.includes(kind)) {
    throw new InvalidInputError(`"${arn}" can't have tags. What can is a ${TAGGABLE.join(', ').replaceAll('-', ' ')}.`);
  }
  const name = requireArn(scope, kind, arn);
  if (!(await isThere(db, kind, arn, name))) {
    throw new ResourceNotFoundError(`There is no ${kind.replaceAll('-', ' ')} ${arn}.`);
  }
}

async function isThere(db: Queryable, kind: ArnKind, arn: string, name: string): Promise<boolean> {
  if (kind === 'dataset-group') return (await findDatasetGroup(db, datasetGroupName(name))) !== undefined;
  if (kind === 'event-tracker') return (await findEventTrackerByName(db, name)) !== undefined;
  return isResource(db, arn);
}
