import type { HistoryState, HistoryEvent as ReadEvent, Scorer } from '@attune/recommender';
import type { HistoryEvent } from '@attune/session';
import { LRUCache } from 'lru-cache';

/** A user's state in one model, with the events it has consumed. */
interface ConsumedHistory {
  events: readonly HistoryEvent[];
  state: HistoryState;
  /** How many of the events the model knew. */
  known: number;
}

/** A user's state as a ranking needs it. */
export interface UserState {
  state: HistoryState;
  /** How many of the user's events the model knew and the state has taken in. */
  known: number;
  source: 'advanced' | 'recomputed';
}

/** Few enough that the event references of all, 200 each, take little. */
const MAX_STATES = 20_000;

/** The keys and values of a transformer take up to 100 kB a user, where a hidden state of 149 floats takes 600 bytes. */
const MAX_STATE_BYTES = 256 * 2 ** 20;

/**
 * The states of users in one model, kept between requests so that a new event costs one step of the network, whatever
 * the length of the history.
 */
export class HiddenStates {
  private readonly states: LRUCache<string, ConsumedHistory>;

  constructor(private readonly scorer: Scorer) {
    const max = Math.min(MAX_STATES, Math.max(1, Math.floor(MAX_STATE_BYTES / scorer.stateBytes)));
    this.states = new LRUCache({ max });
  }

  /** @param events the user's latest events, oldest first */
  stateAfter(historyKey: string, events: readonly HistoryEvent[]): UserState {
    const previous = this.states.get(historyKey);
    const added = previous && countAdded(previous.events, events);
    const next = previous && added !== undefined ? this.advance(previous, events, added) : this.recompute(events);
    this.states.set(historyKey, next);
    return { state: next.state, known: next.known, source: added === undefined ? 'recomputed' : 'advanced' };
  }

  /** The histories that are kept, the latest asked for first. */
  *histories(): Generator<[historyKey: string, events: readonly HistoryEvent[]]> {
    for (const [historyKey, { events }] of this.states.entries()) yield [historyKey, events];
  }

  private advance(previous: ConsumedHistory, events: readonly HistoryEvent[], added: number): ConsumedHistory {
    const read = knownEvents(this.scorer, events.slice(events.length - added));
    const state = read.reduce((current, event) => this.scorer.advance(current, event), previous.state);
    return { events, state, known: previous.known + read.length };
  }

  private recompute(events: readonly HistoryEvent[]): ConsumedHistory {
    const read = knownEvents(this.scorer, events);
    return { events, state: this.scorer.stateAfter(read), known: read.length };
  }
}

/** An event as the model reads it, and as the session store has it. */
export interface KnownEvent extends ReadEvent {
  event: HistoryEvent;
}

/** Events about items that came after the training tell the network nothing: it has no vector for them. */
export function knownEvents(scorer: Scorer, events: readonly HistoryEvent[]): KnownEvent[] {
  return events.flatMap((event) => {
    const item = event.itemId === undefined ? undefined : scorer.items.indexOf(event.itemId);
    if (item === undefined) return [];
    const { timestamp, eventType, eventValue, properties: context } = event;
    return [{ item, timestamp, eventType, eventValue, context, event }];
  });
}

/**
 * How many events a history has gained at its end; undefined where it is not the earlier one with events appended.
 * A history is a window: for each event that came in at the end, one may have fallen out at the beginning.
 */
export function countAdded(earlier: readonly HistoryEvent[], later: readonly HistoryEvent[]): number | undefined {
  const last = earlier.at(-1);
  if (!last) return undefined;
  const lastInLater = later.findLastIndex((event) => isSame(event, last));
  if (lastInLater < 0) return undefined;
  const added = later.length - 1 - lastInLater;
  const fallenOut = earlier.length - 1 - lastInLater;
  if (fallenOut < 0 || fallenOut > added) return undefined;
  for (let index = 0; index < lastInLater; index += 1) {
    if (!isSame(earlier[index + fallenOut]!, later[index]!)) return undefined;
  }
  return added;
}

function isSame(a: HistoryEvent, b: HistoryEvent): boolean {
  return a === b || (a.eventId === b.eventId && a.timestamp === b.timestamp && a.itemId === b.itemId);
}
