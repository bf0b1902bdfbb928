import type { EventId, ItemId } from '@attune/domain';
import type { HistoryEvent, HistoryLimits, UserHistory } from './userHistory';

/** Where an event stands in a history: by time, and at one time by offset. */
type Place = Pick<HistoryEvent, 'timestamp' | 'offset'>;

export type ItemPlace = Place & { itemId: ItemId };

/** All there is to a user's state, so that it can be kept elsewhere. */
export interface UserStateContent {
  /** Oldest first. */
  events: readonly HistoryEvent[];
  /** Latest first, each with the place of its latest event. */
  items: readonly ItemPlace[];
}

/** Without offsets, as with imported interactions, the order of arrival decides. */
function precedes(one: Place, other: Place): boolean {
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp;
  return one.offset !== undefined && other.offset !== undefined && one.offset < other.offset;
}

/**
 * One user's history within its limits. The latest events and items are kept, whatever the order in which they came: late
 * and repeated events lead to the same state.
 */
export class UserState {
  /** Oldest first. */
  private readonly events: HistoryEvent[] = [];
  /** Latest first, each with the place of its latest event. */
  private readonly items: ItemPlace[] = [];
  private snapshot: UserHistory | undefined;

  /** @param archived oldest first */
  constructor(
    private readonly limits: HistoryLimits,
    archived: readonly HistoryEvent[],
  ) {
    for (const event of archived) this.add(event);
  }

  /** Makes a state again from its content. Where the limits were wider then, what is oldest goes. */
  static restore(limits: HistoryLimits, { events, items }: UserStateContent): UserState {
    const state = new UserState(limits, []);
    state.events.push(...events.slice(-limits.events));
    state.items.push(...items.slice(0, limits.items));
    return state;
  }

  get content(): UserStateContent {
    return { events: this.events, items: this.items };
  }

  /**
   * Puts an event in its place.
   * @returns whether it counts: false where its id is that of a kept event at another offset
   */
  add(event: HistoryEvent): boolean {
    const known = event.eventId !== undefined && this.find(event.eventId);
    if (known) return known.offset === event.offset;
    this.insertEvent(event);
    const { itemId, timestamp, offset } = event;
    if (itemId !== undefined) this.insertItem({ itemId, timestamp, ...(offset !== undefined && { offset }) });
    this.snapshot = undefined;
    return true;
  }

  /** @param nextRevision names the state, asked for where it has changed since the last time */
  history(nextRevision: () => string): UserHistory {
    this.snapshot ??= {
      events: [...this.events],
      items: this.items.map(({ itemId }) => itemId),
      revision: nextRevision(),
    };
    return this.snapshot;
  }

  private find(id: EventId): HistoryEvent | undefined {
    return this.events.findLast((event) => event.eventId === id);
  }

  private insertEvent(event: HistoryEvent): void {
    const before = this.events.findLastIndex((other) => !precedes(event, other));
    this.events.splice(before + 1, 0, event);
    if (this.events.length > this.limits.events) this.events.shift();
  }

  private insertItem(item: ItemPlace): void {
    const known = this.items.findIndex(({ itemId }) => itemId === item.itemId);
    if (known !== -1) {
      if (precedes(item, this.items[known]!)) return;
      this.items.splice(known, 1);
    }
    const older = this.items.findIndex((other) => !precedes(item, other));
    this.items.splice(older === -1 ? this.items.length : older, 0, item);
    if (this.items.length > this.limits.items) this.items.pop();
  }
}
