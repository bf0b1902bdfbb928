import { topics } from '@attune/bus';
import type { DatasetKind, Queryable } from '@attune/database';
import { datasetGroupName, parseArn } from '@attune/domain';
import type { JobWorker } from '@attune/jobs';
import type { ControlParts } from './controlParts';

/** Notes in the transaction that deletes a dataset that the bus has to hear of it, whether or not it is there now. */
export function announceLater(
  { jobs }: Pick<ControlParts, 'jobs'>,
  transaction: Queryable,
  arn: string,
): Promise<void> {
  return jobs.send('announcement', { arn }, { transaction });
}

/** Says on the bus which datasets were deleted, at least once each, so that what was made from them is read anew. */
export function startAnnouncements({ bus, jobs, now }: Pick<ControlParts, 'bus' | 'jobs' | 'now'>): JobWorker {
  return jobs.work(
    'announcement',
    async ({ arn }) => {
      const [group, kind] = parseArn(arn).name.split('/') as [string, string];
      const datasetGroup = datasetGroupName(group);
      const notice = { datasetGroup, kind: kind.toLowerCase() as DatasetKind, changedAt: now() };
      await bus.publish(topics.catalog, [{ key: datasetGroup, value: notice }]);
    },
    // However long the bus is away, the dataset is gone.
    { onGivenUp: (arn) => jobs.send('announcement', { arn }) },
  );
}
