/** Where the bus reports what it can't tell a caller. A pino logger is one. */
export interface BusLogger {
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}
