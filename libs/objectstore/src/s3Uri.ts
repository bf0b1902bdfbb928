import { InvalidInputError } from '@attune/domain';

export interface S3Uri {
  bucket: string;
  key: string;
}

/** Bucket names as S3 has them: no path separators, nothing hidden, no way up. */
const BUCKET = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;

/**
 * Takes `s3://bucket/key` apart.
 * @throws InvalidInputError where it is no such URI, or its key could lead out of the bucket
 */
export function parseS3Uri(uri: string): S3Uri {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/(.*)$/s.exec(uri) ?? [];
  if (!BUCKET.test(bucket)) throw new InvalidInputError(`"${uri}" is no object URI. Expected s3://bucket/key.`);
  const unsafe = key.includes('\0') || key.split('/').some((part) => part === '.' || part === '..');
  if (unsafe) throw new InvalidInputError(`"${uri}" is refused: a key may not hold "." or ".." as a part, nor NUL.`);
  return { bucket, key };
}
