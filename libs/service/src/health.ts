/** Whether a server can do its work now. */
export interface Health {
  /** One sentence for each thing that is not ready. Empty when all is. */
  missing: readonly string[];
  /** What else an operator wants to see at a glance, for example which model is served. */
  details?: Readonly<Record<string, unknown>>;
}
