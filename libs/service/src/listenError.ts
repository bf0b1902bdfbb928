import { InvalidInputError } from '@attune/domain';

/** Says in the operator's words why a server could not listen; any other error stays as it is. */
export function explainListenError(error: Error, host: string, port: number): Error {
  if (/EADDRINUSE/.test(error.message)) {
    return new InvalidInputError(
      `Port ${port} on ${host} is in use. Stop the program that listens there, or choose another port.`,
      { cause: error },
    );
  }
  if (/EACCES/.test(error.message)) {
    return new InvalidInputError(`This user may not listen on port ${port} of ${host}. Choose a port above 1023.`, {
      cause: error,
    });
  }
  return error;
}
