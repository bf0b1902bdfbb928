import { type Catalogue, inventCatalogue, type WorldItem } from './items';
import { PAGE_MS, type Session, sessionsOf } from './sessions';
import { DAY_MS, DEFAULT_WORLD, type WorldSettings } from './settings';
import { affinity, Tastes } from './tastes';

/**
 * A SIMULATED world: users whose tastes drift, their sessions, and items of hidden quality that come every day. It is
 * pure: everything follows from the settings. `Visitors` answers lists, and `inventHistory` tells what was before.
 */
export class World {
  readonly settings: WorldSettings;
  readonly catalogue: Catalogue;
  readonly tastes: Tastes;
  private readonly byId: ReadonlyMap<string, WorldItem>;

  constructor(settings: Partial<WorldSettings> = {}) {
    this.settings = { ...DEFAULT_WORLD, ...settings };
    this.catalogue = inventCatalogue(this.settings);
    this.tastes = new Tastes(this.settings, this.catalogue);
    this.byId = new Map(this.catalogue.items.map((item) => [item.itemId, item]));
  }

  /** @throws RangeError for an id that this world has not */
  item(itemId: string): WorldItem {
    const item = this.byId.get(itemId);
    if (!item) throw new RangeError(`The simulated world has no item "${itemId}".`);
    return item;
  }

  /** The sessions of a day, in the order of their times. */
  sessionsOf(day: number): Session[] {
    return sessionsOf(day, this.settings, this.catalogue, this.tastes);
  }

  /** The items that are there at a time, oldest first. @param time in days from the first served day */
  itemsAt(time: number): readonly WorldItem[] {
    const { items } = this.catalogue;
    const next = items.findIndex(({ createdDay }) => createdDay > time);
    return next === -1 ? items : items.slice(0, next);
  }

  /** The items that come on a served day, in the order of their times. */
  newItemsOf(day: number): WorldItem[] {
    return this.catalogue.items.filter(({ createdDay }) => createdDay >= 0 && Math.floor(createdDay) === day);
  }

  /** TRUTH: what an item is worth to all users: its mean attraction, having been looked at, on a day. */
  merit({ quality, vector }: WorldItem, day: number): number {
    let sum = 0;
    for (let user = 0; user < this.settings.users; user++) sum += affinity(this.tastes.on(user, day), vector);
    return (quality * sum) / this.settings.users;
  }
}

export function userIdOf(user: number): string {
  return `user-${user + 1}`;
}

/** The time of a session's page, in days from the first served day. */
export function timeOf({ day, startMs }: Pick<Session, 'day' | 'startMs'>, page = 0): number {
  return day + (startMs + page * PAGE_MS) / DAY_MS;
}
