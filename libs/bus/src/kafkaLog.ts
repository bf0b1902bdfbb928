import { type LogEntry, type logCreator, logLevel } from 'kafkajs';
import { CLOSED_ON_PURPOSE } from './kafkaSockets';
import type { BusLogger } from './logger';

/** An outage makes kafkajs repeat itself several times a second. */
const REPEAT_AFTER_MS = 10_000;

const NOISE: readonly RegExp[] = [
  // A producer is thrown away when it gives up, so its sequence numbers are never used for other messages.
  /^Limiting retries for the idempotent producer/,
  // Ordinary life of a group.
  /^The group is rebalancing/,
  /^The coordinator is not aware of this member/,
  // One line per failed request: kafkajs repeats the request, or rejects and is reported by its caller.
  /^Response /,
  /^Failed to send messages/,
  // They follow a line that says why.
  /^Failed to connect to/,
  /^Restarting the consumer/,
  new RegExp(CLOSED_ON_PURPOSE),
];

/** Leads kafkajs's warnings and errors to our log, without those that tell an operator nothing. */
export function kafkaLog(logger: BusLogger): logCreator {
  const lastSaid = new Map<string, number>();
  const isRepetition = (message: string): boolean => {
    const now = performance.now();
    for (const [said, at] of lastSaid) {
      if (now - at > REPEAT_AFTER_MS) lastSaid.delete(said);
    }
    if (lastSaid.has(message)) return true;
    lastSaid.set(message, now);
    return false;
  };
  return () =>
    ({ level, namespace, log: { message, timestamp: _, logger: __, stack: ___, ...context } }: LogEntry) => {
      if (NOISE.some((pattern) => pattern.test(message)) || isRepetition(message)) return;
      // A consumer's crash is a restart: it loses and doubles nothing.
      const isError = level === logLevel.ERROR && !message.startsWith('Crash: ');
      const say = isError ? logger.error : logger.warn;
      say.call(logger, { ...context, kafkajs: namespace }, message);
    };
}
