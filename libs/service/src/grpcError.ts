import { AttuneError, type ErrorCode, UnavailableError } from '@attune/domain';
import { Metadata, status } from '@grpc/grpc-js';
import { cut, errorDetails } from './grpcErrorDetails';

const STATUS: Record<ErrorCode, keyof typeof status> = {
  InvalidInput: 'INVALID_ARGUMENT',
  ResourceNotFound: 'NOT_FOUND',
  ResourceInUse: 'FAILED_PRECONDITION',
  ResourceAlreadyExists: 'ALREADY_EXISTS',
  LimitExceeded: 'RESOURCE_EXHAUSTED',
  TooManyTags: 'INVALID_ARGUMENT',
  TooManyTagKeys: 'INVALID_ARGUMENT',
  InvalidNextToken: 'INVALID_ARGUMENT',
  NotReady: 'FAILED_PRECONDITION',
  AccessDenied: 'PERMISSION_DENIED',
  Unauthenticated: 'UNAUTHENTICATED',
  Unavailable: 'UNAVAILABLE',
};

/** A status as grpc-js sends it. */
export interface GrpcError {
  name: keyof typeof status;
  code: status;
  details: string;
  metadata?: Metadata;
  /** True for what is our fault: the caller gets no particulars, so the log must have them. */
  internal: boolean;
}

/**
 * The gRPC status of an error. `AttuneError`s keep their message, with details in `grpc-status-details-bin`; where trying
 * again helps, `grpc-retry-pushback-ms` tells the client's retry policy how long to wait (gRFC A6). Anything else is
 * INTERNAL and says nothing of our insides.
 */
export function grpcError(error: unknown): GrpcError {
  if (!(error instanceof AttuneError)) {
    return {
      name: 'INTERNAL',
      code: status.INTERNAL,
      details: 'Internal error. The server log has the particulars.',
      internal: true,
    };
  }
  const name = STATUS[error.code];
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', errorDetails(error, status[name]));
  if (error instanceof UnavailableError) {
    metadata.set('grpc-retry-pushback-ms', String(error.retryAfterSeconds * 1000));
  }
  return { name, code: status[name], details: cut(error.message, MAX_DETAILS_BYTES), metadata, internal: false };
}

/**
 * The message travels in a trailer, three bytes for one where it is no ASCII. A client that gets more than 8 KiB of
 * trailers, or 16 with grpc-js, breaks the call off or waits for its deadline.
 */
const MAX_DETAILS_BYTES = 2_000;
