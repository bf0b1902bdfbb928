import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ResourceNotFoundError, UnavailableError } from '@attune/domain';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ObjectStore } from './objectStore';
import { parseS3Prefix, parseS3Uri } from './s3Uri';

export interface S3ObjectStoreOptions {
  /** Where it listens, `https://host:port`. @default AWS, by the region */
  endpoint?: string;
  /** @default "us-east-1", which endpoints other than AWS's take */
  region?: string;
  /** @default what the AWS SDK finds: environment, profile, the machine's role */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /**
   * Whether the bucket is the first part of the path, and not of the host name: what MinIO, Ceph, Garage and the like need.
   * @default true where an endpoint is given
   */
  forcePathStyle?: boolean;
}

/** An ObjectStore with the connections it keeps open. */
export interface S3ObjectStore extends ObjectStore {
  /** Closes idle connections. */
  close(): void;
}

/**
 * Objects on AWS S3, or another endpoint that speaks its protocol. Buckets must be there: writing into one that is not
 * throws ResourceNotFoundError. The SDK repeats what fails for a moment, twice.
 */
export function s3ObjectStore(options: S3ObjectStoreOptions = {}): S3ObjectStore {
  return new S3Objects(options);
}

/** A connection takes milliseconds, or fails. */
const CONNECTION_TIMEOUT_MS = 2_000;

/** Without a byte for so long, an endpoint is away. */
const SOCKET_TIMEOUT_MS = 30_000;

class S3Objects implements S3ObjectStore {
  private readonly client: S3Client;
  /** Where it leads, for error messages. */
  private readonly place: string;

  constructor({ endpoint, region = 'us-east-1', credentials, forcePathStyle }: S3ObjectStoreOptions) {
    this.place = endpoint ?? `AWS, region ${region}`;
    this.client = new S3Client({
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials && { credentials }),
      forcePathStyle: forcePathStyle ?? endpoint !== undefined,
      // Not every endpoint knows the checksums that the SDK adds by default. TLS guards what is under way.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    });
  }

  async put(uri: string, content: Uint8Array): Promise<void> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
    } catch (error) {
      if (!isMissing(error)) throw this.failure(uri, 'written', error);
      throw new ResourceNotFoundError(
        `${uri} can't be written: there is no bucket "${bucket}" at ${this.place}. Create it, or name another.`,
        { cause: error },
      );
    }
  }

  async get(uri: string): Promise<Uint8Array> {
    const body = await this.open(uri);
    try {
      return await buffer(body);
    } catch (error) {
      throw this.failure(uri, 'read', error);
    }
  }

  stream(uri: string): Promise<Readable> {
    return this.open(uri);
  }

  async size(uri: string): Promise<number> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      return (await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength ?? 0;
    } catch (error) {
      throw this.readFailure(uri, error);
    }
  }

  async list(uriPrefix: string): Promise<string[]> {
    const { bucket, key } = parseS3Prefix(uriPrefix);
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket: bucket, Prefix: key });
    const uris: string[] = [];
    try {
      for await (const { Contents = [] } of pages) uris.push(...Contents.map(({ Key }) => `s3://${bucket}/${Key}`));
    } catch (error) {
      if (isMissing(error)) return [];
      throw this.failure(uriPrefix, 'listed', error);
    }
    return uris;
  }

  async delete(uri: string): Promise<void> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      await this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      if (!isMissing(error)) throw this.failure(uri, 'deleted', error);
    }
  }

  close(): void {
    this.client.destroy();
  }

  private async open(uri: string): Promise<Readable> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body as Readable;
    } catch (error) {
      throw this.readFailure(uri, error);
    }
  }

  private readFailure(uri: string, cause: unknown): Error {
    if (isMissing(cause)) return new ResourceNotFoundError(`There is no object ${uri}.`, { cause });
    return this.failure(uri, 'read', cause);
  }

  private failure(uri: string, done: string, cause: unknown): UnavailableError {
    const { name, message } = cause as Error;
    return new UnavailableError(`${uri} can't be ${done} at ${this.place} (${name}: ${message}).`, 1, { cause });
  }
}

/** Whether there is no such object, or not even its bucket. */
function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}
