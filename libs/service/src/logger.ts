import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** The name that every line carries. */
  service: string;
  /** @default 'info' */
  level?: LogLevel;
  /** Where lines go, for example a pretty printer. @default standard output, one JSON object per line */
  destination?: DestinationStream;
}

/** Members that never reach a log, at the top of a line or one or two levels down. */
const SECRET_MEMBERS = ['authorization', 'password', 'secret', 'token', 'secretAccessKey', 'apiKey', '["x-api-key"]'];

/** A structured logger: one JSON object per line, ISO times, secrets replaced by `[secret]`; with its trace where there is one. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: traceUnderWay,
    redact: { paths: SECRET_MEMBERS.flatMap(secretPaths), censor: '[secret]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

function traceUnderWay(): { traceId?: string } {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return traceId === undefined ? {} : { traceId };
}

/** A name with a hyphen is written in brackets, which take no dot before them. */
function secretPaths(name: string): string[] {
  const dot = name.startsWith('[') ? '' : '.';
  return [name, `*${dot}${name}`, `*.*${dot}${name}`];
}
