import { InvalidInputError } from '@attune/domain';

/** An object's place. */
export interface S3Location {
  bucket: string;
  /** Segments separated by slashes. Empty only in a prefix. */
  key: string;
}

const BUCKET = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;
const MAX_KEY_BYTES = 1024;

/**
 * Takes `s3://bucket/key` apart.
 * @throws InvalidInputError where it is no such URI, or the key would not be the same in a folder as on an S3 endpoint:
 *   with a segment that is empty, `.` or `..`, with a backslash or U+0000, or beyond 1024 bytes
 */
export function parseS3Uri(uri: string): S3Location {
  const location = parseS3Prefix(uri);
  const fault = keyFault(location.key, location.key.split('/'));
  if (fault !== undefined) throw new InvalidInputError(`${JSON.stringify(uri)} names no object: ${fault}`);
  return location;
}

/**
 * Takes the beginning of an object's URI apart, `s3://bucket` or `s3://bucket/and/part-of-a-ke`.
 * @throws InvalidInputError where no object's URI can begin so
 */
export function parseS3Prefix(uri: string): S3Location {
  const [, bucket, key = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined || !BUCKET.test(bucket)) {
    throw new InvalidInputError(
      `${JSON.stringify(uri)} is no object's URI. Expected s3://bucket/key, the bucket in 3 to 63 lower-case letters, digits, dots and hyphens.`,
    );
  }
  const fault = key === '' ? undefined : keyFault(key, key.split('/').slice(0, -1));
  if (fault !== undefined) throw new InvalidInputError(`${JSON.stringify(uri)} is no object's URI: ${fault}`);
  return { bucket, key };
}

function keyFault(key: string, segments: readonly string[]): string | undefined {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `its key is longer than ${MAX_KEY_BYTES} bytes.`;
  if (key.includes('\0') || key.includes('\\')) return 'its key has a backslash or the character U+0000.';
  if (segments.some((segment) => ['', '.', '..'].includes(segment)))
    return 'its key has a segment that is empty, "." or "..".';
  return undefined;
}
