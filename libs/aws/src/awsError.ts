import { AttuneError, type ErrorCode, UnavailableError } from '@attune/domain';

/** An error as AWS's REST-JSON clients read it: the type from the header `x-amzn-errortype`, the message from the body. */
export interface AwsError {
  statusCode: number;
  type: string;
  message: string;
  retryAfterSeconds?: number;
}

const TYPES: Record<ErrorCode, { statusCode: number; type: string }> = {
  InvalidInput: { statusCode: 400, type: 'InvalidInputException' },
  ResourceNotFound: { statusCode: 404, type: 'ResourceNotFoundException' },
  ResourceInUse: { statusCode: 409, type: 'ResourceInUseException' },
  ResourceAlreadyExists: { statusCode: 409, type: 'ResourceAlreadyExistsException' },
  // The API has no type for a campaign without a model; its own service calls that an invalid input.
  NotReady: { statusCode: 400, type: 'InvalidInputException' },
  Unavailable: { statusCode: 503, type: 'ServiceUnavailable' },
};

/** The types that AWS's protocols give to requests that reach no operation, by fastify's status code. */
const PROTOCOL_TYPES: Record<number, string> = {
  400: 'SerializationException',
  404: 'UnknownOperationException',
  413: 'RequestEntityTooLargeException',
  415: 'UnsupportedMediaTypeException',
};

/**
 * The AWS form of an error. Ours and the protocol's keep their message; anything else is an InternalFailure that says
 * nothing of our insides.
 */
export function awsError(error: unknown): AwsError {
  if (error instanceof AttuneError) {
    const result: AwsError = { ...TYPES[error.code], message: error.message };
    if (error instanceof UnavailableError) result.retryAfterSeconds = error.retryAfterSeconds;
    return result;
  }
  if (error instanceof Error && 'statusCode' in error) {
    const type = PROTOCOL_TYPES[error.statusCode as number];
    if (type) return { statusCode: error.statusCode as number, type, message: error.message };
  }
  return { statusCode: 500, type: 'InternalFailure', message: 'Internal error. The server log has the particulars.' };
}
