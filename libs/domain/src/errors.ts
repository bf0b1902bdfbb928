/** The closed list of what can go wrong for a caller. Edges map it to AWS error types and gRPC statuses. */
export type ErrorCode =
  | 'InvalidInput'
  | 'ResourceNotFound'
  | 'ResourceInUse'
  | 'ResourceAlreadyExists'
  | 'NotReady'
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

/** Thrown when a request or a file breaks a rule; the message names the member, its value and what is allowed. */
export class InvalidInputError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvalidInput', message, options);
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

/** Thrown when the resource exists but can't do its work yet, for example a campaign whose model is still training. */
export class NotReadyError extends AttuneError {
  constructor(message: string, options?: ErrorOptions) {
    super('NotReady', message, options);
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
