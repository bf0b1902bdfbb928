/** The closed list of what can go wrong for a caller. Edges map it to AWS error types and gRPC statuses. */
export type ErrorCode =
  | 'InvalidInput'
  | 'ResourceNotFound'
  | 'ResourceInUse'
  | 'ResourceAlreadyExists'
  | 'LimitExceeded'
  | 'TooManyTags'
  | 'TooManyTagKeys'
  | 'InvalidNextToken'
  | 'NotReady'
  | 'AccessDenied'
  | 'Unauthenticated'
  | 'Unavailable';

/** An error whose message is written for the caller: what was wrong, where, and what to do. */
export class AttuneError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = `${code}Error`;
  }
}

/** One member of a request that is wrong, for callers that read errors by program. */
export interface FieldViolation {
  /** As the caller's protocol names it, for example `events[0].item_id`. */
  field: string;
  /** The rule that it breaks. */
  description: string;
}

/** Thrown when a request or a file breaks a rule; the message names the member, its value and what is allowed. */
export class InvalidInputError extends AttuneError {
  /** The members that are wrong, where the message tells of members. */
  readonly fieldViolations: readonly FieldViolation[];

  constructor(message: string, options?: ErrorOptions & { fieldViolations?: readonly FieldViolation[] }) {
    super('InvalidInput', message, options);
    this.fieldViolations = options?.fieldViolations ?? [];
  }
}

/** Thrown when an ARN or id names nothing. */
export class ResourceNotFoundError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('ResourceNotFound', message, options);
  }
}

/** Thrown when a resource with this name is there already. */
export class ResourceAlreadyExistsError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('ResourceAlreadyExists', message, options);
  }
}

/** Thrown when a resource can't be changed or deleted, because another one uses it or works on it. */
export class ResourceInUseError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('ResourceInUse', message, options);
  }
}

/** Thrown when there would be more resources of a kind than are allowed. */
export class LimitExceededError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('LimitExceeded', message, options);
  }
}

/** Thrown when a resource would have more tags than are allowed. */
export class TooManyTagsError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('TooManyTags', message, options);
  }
}

/** Thrown when one call names more tag keys than are allowed. */
export class TooManyTagKeysError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('TooManyTagKeys', message, options);
  }
}

/** Thrown when a page token is not one that this server gave for this list. */
export class InvalidNextTokenError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvalidNextToken', message, options);
  }
}

/** Thrown when the resource exists but can't do its work yet, for example a campaign whose model is still training. */
export class NotReadyError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('NotReady', message, options);
  }
}

/** Thrown when the caller is known and may not do this. */
export class AccessDeniedError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('AccessDenied', message, options);
  }
}

/** Thrown when a call does not prove who makes it. The message holds no secret and no signature. */
export class UnauthenticatedError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('Unauthenticated', message, options);
  }
}

/** Thrown when a part that is needed can't be reached. Nothing was recorded; the caller may repeat the call. */
export class UnavailableError extends AttuneError {
  /** @param retryAfterSeconds how long the caller should wait before it tries again */
  constructor(
    message: string,
    readonly retryAfterSeconds = 1,
    options?: ErrorOptions,
  ) {
    super('Unavailable', message, options);
  }
}
