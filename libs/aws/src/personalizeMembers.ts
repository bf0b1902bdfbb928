/** Members that many shapes of the service "personalize" share. */
import { z } from 'zod';
import { arn, integer, map, text, timestamp } from './members';

export const name = text({ min: 1, max: 63, pattern: String.raw`^[a-zA-Z0-9][a-zA-Z0-9\-_]*` });
export const status = text({ max: 256 });
export const trackingId = text({ max: 256 });
export const failureReason = text();
export const roleArn = text({
  max: 256,
  pattern: String.raw`arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`,
});
export const kmsKeyArn = text({ max: 2048, pattern: 'arn:aws.*:kms:.*:[0-9]{12}:key/.*' });
export const domain = z.enum(['ECOMMERCE', 'VIDEO_ON_DEMAND']);
export const datasetType = text({ max: 256, pattern: '^[A-Za-z_]+$' });
export const columnName = text({ max: 150, pattern: String.raw`[A-Za-z_][A-Za-z\d_]*` });
export const transactionsPerSecond = integer({ min: 1 });

export const parameterName = text({ max: 256 });
/** Settings by name; numbers and booleans are written as text. */
export const parameters = map(parameterName, text({ max: 1000 }), { max: 100 });
export const metrics = map(text({ max: 256 }), z.number(), { max: 100 });

const columnsByDataset = map(datasetType, z.array(columnName).max(50), { max: 3 });
export const trainingDataConfig = z.object({
  excludedDatasetColumns: columnsByDataset.optional(),
  includedDatasetColumns: columnsByDataset.optional(),
});

/** A map with an entry for some of the influences. */
export const rankingInfluence = z.partialRecord(z.enum(['POPULARITY', 'FRESHNESS']), z.number().min(0).max(1));

const s3Location = text({ max: 256, pattern: '(s3|http|https)://.+' });
export const s3DataConfig = z.object({ path: s3Location, kmsKeyArn: kmsKeyArn.optional() });
export const s3DataSource = z.object({ s3DataSource: s3DataConfig });
export const s3DataDestination = z.object({ s3DataDestination: s3DataConfig });
export const dataSource = z.object({ dataLocation: s3Location.optional() });

const TAG_PATTERN = String.raw`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`;
export const tagKey = text({ min: 1, max: 128, pattern: TAG_PATTERN });
export const tags = z.array(z.object({ tagKey, tagValue: text({ max: 256, pattern: TAG_PATTERN }) })).max(200);
export const tagKeys = z.array(tagKey).max(200);

export const nextToken = text({ max: 1500, pattern: String.raw`\p{ASCII}{0,1500}` });

/** The members by which a list is read page by page. */
export const paging = { nextToken: nextToken.optional(), maxResults: integer({ min: 1, max: 100 }).optional() };

/** A page of a list. */
export function page<Summary extends z.ZodType>(summary: Summary) {
  return z.array(summary).max(100);
}

/** The times that every resource shows. */
export const times = { creationDateTime: timestamp, lastUpdatedDateTime: timestamp };

/** What every list shows of a resource or job. */
export const state = { status, ...times };

export { arn };
