import type { Dataset } from './dataset';
import type { MetadataColumn } from './metadataColumns';
import type { MetadataRow } from './metadataValues';

/** What every event has beside its item, by names that no column of a schema can have. */
const [TYPE, VALUE, GAP, SESSION_START] = ['event-type', 'event-value', 'time-gap', 'session-start'] as const;

/** After so long a pause a user is taken to have come back: what web analytics calls a session. */
export const SESSION_PAUSE_MS = 30 * 60_000;

/** An event as features see it. */
export interface EventFacts {
  /** Milliseconds since the epoch. */
  timestamp: number;
  eventType?: string | undefined;
  eventValue?: number | undefined;
  /** Contextual metadata by column name. */
  context?: MetadataRow | undefined;
}

/** One event as a row of the columns that `eventColumns` makes. @param before when the user's event before it was */
export function eventRow(event: EventFacts, before: number | undefined): MetadataRow {
  const gap = before === undefined ? Number.NaN : event.timestamp - before;
  return {
    ...event.context,
    [TYPE]: event.eventType,
    [VALUE]: event.eventValue,
    [GAP]: gap,
    [SESSION_START]: gap > SESSION_PAUSE_MS ? 'yes' : undefined,
  };
}

/**
 * The columns of a dataset's events, a row for each: type, value, the time since the user's event before, whether a
 * session begins, and the contextual metadata.
 */
export function eventColumns({ offsets, timestamps, ...events }: Dataset): MetadataColumn[] {
  const gaps = new Float64Array(timestamps.length).fill(Number.NaN);
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let row = offsets[user]! + 1; row < offsets[user + 1]!; row++)
      gaps[row] = timestamps[row]! - timestamps[row - 1]!;
  }
  const starts = new Int32Array(timestamps.length + 1);
  gaps.forEach((gap, row) => {
    starts[row + 1] = starts[row]! + (gap > SESSION_PAUSE_MS ? 1 : 0);
  });
  return [
    {
      name: TYPE,
      kind: 'categorical',
      words: events.eventTypes,
      offsets: Int32Array.from({ length: timestamps.length + 1 }, (_, row) => row),
      codes: Int32Array.from(events.eventTypeCodes),
    },
    { name: VALUE, kind: 'numeric', values: Float64Array.from(events.eventValues) },
    { name: GAP, kind: 'duration', values: gaps },
    {
      name: SESSION_START,
      kind: 'categorical',
      words: ['yes'],
      offsets: starts,
      codes: new Int32Array(starts[timestamps.length]!),
    },
    ...events.metadata.interactions,
  ];
}
