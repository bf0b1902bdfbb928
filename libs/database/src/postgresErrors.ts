import { UnavailableError } from '@attune/domain';
import { DatabaseError } from 'pg';

/**
 * SQLSTATEs by which a server says that it can't serve now: connection exceptions, shutdown, crash, start-up, and too
 * many connections (PostgreSQL, appendix A).
 */
const AWAY = /^(08...|57P0[123]|53300)$/;

/** What pg says where the connection went, with no SQLSTATE or system code to tell it by. */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout e)/;

/**
 * Whether an error of pg's says that the server can't be reached, or went away meanwhile. Any other error is the
 * statement's.
 */
export function isConnectionLoss(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseError) return AWAY.test(error.code ?? '');
  return 'syscall' in error || error instanceof AggregateError || LOST.test(error.message);
}

/** Turns the loss of a connection into an UnavailableError, and leaves other errors as they are. */
export function unavailableWhereLost(error: unknown, server: string): unknown {
  if (!isConnectionLoss(error)) return error;
  const reason = error.message || (error as NodeJS.ErrnoException).code;
  return new UnavailableError(`The database at ${server} can't be reached: ${reason}`, 1, { cause: error });
}
