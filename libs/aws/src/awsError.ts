import { AttuneError, type ErrorCode, UnauthenticatedError, UnavailableError } from '@attune/domain';

/** An error as AWS's clients read it: the type from the header `x-amzn-errortype`, the message from the body. */
export interface AwsError {
  statusCode: number;
  type: string;
  message: string;
  retryAfterSeconds?: number;
}

/** The error types of an operation; see `controlOperations`. */
export type ErrorTypes = readonly string[];

const TYPES: Record<ErrorCode, { statusCode: number; type: string }> = {
  InvalidInput: { statusCode: 400, type: 'InvalidInputException' },
  ResourceNotFound: { statusCode: 404, type: 'ResourceNotFoundException' },
  ResourceInUse: { statusCode: 409, type: 'ResourceInUseException' },
  ResourceAlreadyExists: { statusCode: 409, type: 'ResourceAlreadyExistsException' },
  LimitExceeded: { statusCode: 400, type: 'LimitExceededException' },
  TooManyTags: { statusCode: 400, type: 'TooManyTagsException' },
  TooManyTagKeys: { statusCode: 400, type: 'TooManyTagKeysException' },
  InvalidNextToken: { statusCode: 400, type: 'InvalidNextTokenException' },
  // The API has no type for a campaign without a model; its own service calls that an invalid input.
  NotReady: { statusCode: 400, type: 'InvalidInputException' },
  AccessDenied: { statusCode: 403, type: 'AccessDeniedException' },
  Unauthenticated: { statusCode: 403, type: 'UnrecognizedClientException' },
  Unavailable: { statusCode: 503, type: 'ServiceUnavailable' },
};

/** Why a request does not prove who makes it, by the types that AWS's clients know. */
export type SignatureErrorType =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'UnrecognizedClientException'
  | 'InvalidSignatureException';

/** Thrown when the signature of a request is missing, or is not one of a known key for this request. */
export class SignatureError extends UnauthenticatedError {
  constructor(
    readonly type: SignatureErrorType,
    message: string,
  ) {
    super(message);
  }
}

/** The types that AWS's protocols give to requests that reach no operation, by fastify's status code. */
const PROTOCOL_TYPES: Record<number, string> = {
  400: 'SerializationException',
  404: 'UnknownOperationException',
  413: 'RequestEntityTooLargeException',
  415: 'UnsupportedMediaTypeException',
};

/** A request that no operation can take, with the status code in fastify's way. */
export class RequestError extends Error {
  constructor(
    readonly statusCode: 400 | 404 | 415,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The form of an error in AWS's REST-JSON. Ours and the protocol's keep their message; anything else is an
 * InternalFailure that says nothing of our insides.
 */
export function awsError(error: unknown): AwsError {
  if (error instanceof AttuneError) {
    const result: AwsError = { ...TYPES[error.code], message: error.message };
    if (error instanceof SignatureError) result.type = error.type;
    if (error instanceof UnavailableError) result.retryAfterSeconds = error.retryAfterSeconds;
    return result;
  }
  if (error instanceof Error && 'statusCode' in error) {
    const type = PROTOCOL_TYPES[error.statusCode as number];
    if (type) return { statusCode: error.statusCode as number, type, message: error.message };
  }
  return { statusCode: 500, type: 'InternalFailure', message: 'Internal error. The server log has the particulars.' };
}

/** What any operation can answer with, whatever errors it has of its own. */
const COMMON: ReadonlySet<ErrorCode> = new Set(['AccessDenied', 'Unauthenticated']);

/**
 * The form of an error in AWS JSON 1.1: whatever a client can do wrong is a 400, but for a body that is too large.
 * @param modelled the operation's own error types: clients have classes for these. Another refusal becomes an
 *   InvalidInputException, for example where a list is asked for the parts of something that is not there.
 */
export function awsJsonError(error: unknown, modelled: ErrorTypes = []): AwsError {
  const result = awsError(error);
  if (
    error instanceof AttuneError &&
    !COMMON.has(error.code) &&
    result.statusCode < 500 &&
    !modelled.includes(result.type)
  ) {
    result.type = 'InvalidInputException';
  }
  // The protocol has no type for a content type: what can't be read can't be deserialized.
  if (result.statusCode === 415) result.type = 'SerializationException';
  if (result.statusCode < 500 && result.statusCode !== 413) result.statusCode = 400;
  return result;
}
