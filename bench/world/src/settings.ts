/** Put before everything that is printed or written from a simulated world. */
export const SIMULATED = 'SIMULATED';

export const DAY_MS = 86_400_000;

/** What a world is like. Days are counted from the first that is served: those of the history are negative. */
export interface WorldSettings {
  /** Worlds of the same settings are the same, on every machine. 32 bits. */
  seed: number;
  users: number;
  /** Items that are there on the first served day; a twelfth of them came within the 30 days before. */
  startingItems: number;
  /** Items that come on each served day, one after another. */
  newItemsPerDay: number;
  /** Days that are served. */
  days: number;
  /** Days before them, in which the site showed lists that nobody personalised. */
  historyDays: number;
  /** Of one user, on average. */
  sessionsPerUserDay: number;
  /** Lists in a session: 1 to this many, equally often. */
  mostPages: number;
  listLength: number;
  /** Kinds of items, and the dimensions in which they and tastes lie. */
  categories: number;
  dimensions: number;
  /** How far tastes drift: the standard deviation of what a day adds to each entry of a unit vector. */
  driftPerDay: number;
  /** Share of sessions in which a user also finds an item without any list: by search, or by word of mouth. */
  organicShare: number;
}

/** Small enough for six policies to live through it in a quarter of an hour on two cores. */
export const DEFAULT_WORLD: WorldSettings = {
  seed: 7,
  users: 300,
  startingItems: 200,
  newItemsPerDay: 5,
  days: 30,
  historyDays: 60,
  sessionsPerUserDay: 0.6,
  mostPages: 3,
  listLength: 10,
  categories: 12,
  dimensions: 8,
  driftPerDay: 0.03,
  organicShare: 0.1,
};
