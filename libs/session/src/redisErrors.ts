import { UnavailableError } from '@attune/domain';
import { ReplyError } from 'ioredis';

/** Error replies by which a server says that it can't serve now: it starts, fails over, is full, or lost its peers. */
const AWAY = /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|TRYAGAIN|BUSY|NOREPLICAS|OOM|MISCONF) /;

/**
 * Turns the loss of a connection, or a server that can't serve, into an UnavailableError. Leaves other errors as they are.
 * @param obstacle why there is no connection, where that is known
 */
export function unavailableWhereLost(error: unknown, server: string, obstacle?: Error): unknown {
  if (!(error instanceof Error) || isAnswer(error)) return error;
  const reason = obstacle ?? error;
  return new UnavailableError(`Redis at ${server} can't be reached: ${reason.message}`, 1, { cause: reason });
}

/** Whether the server answered, and says that the command is wrong. */
function isAnswer(error: Error): boolean {
  return error instanceof ReplyError && !AWAY.test(error.message);
}
