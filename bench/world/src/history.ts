import { streamOf } from './draws';
import type { WorldItem } from './items';
import { Visitors } from './visitor';
import { timeOf, type World } from './world';

/** A click before the first served day. */
export interface HistoricClick {
  user: number;
  item: WorldItem;
  /** In days from the first served day: negative. */
  time: number;
}

export interface WorldHistory {
  /** In the order of their times. */
  clicks: HistoricClick[];
  /** By user: the indices of the items that were clicked. */
  consumed: ReadonlySet<number>[];
}

/** What the days before were like: lists drawn by chance from what was there, answered as any list is. */
export function inventHistory(world: World): WorldHistory {
  const { seed, users, historyDays, listLength } = world.settings;
  const visitors = new Visitors(
    seed,
    Array.from({ length: users }, () => new Set<number>()),
  );
  const consumed = Array.from({ length: users }, () => new Set<number>());
  const clicks: HistoricClick[] = [];
  const note = (user: number, item: WorldItem, time: number) => {
    clicks.push({ user, item, time });
    consumed[user]!.add(item.index);
  };
  for (let day = -historyDays; day < 0; day++) {
    for (const session of world.sessionsOf(day)) {
      const random = streamOf(seed, 'history', session.user, day + 10_000, session.startMs);
      const there = world.itemsAt(timeOf(session));
      for (let page = 0; page < session.pages; page++) {
        const list = drawList(there, listLength, () => random.uniform());
        for (const item of visitors.look(session, page, list)) note(session.user, item, timeOf(session, page));
      }
      const found = session.organic ? visitors.find(session, there) : undefined;
      if (found) note(session.user, found, timeOf(session, session.pages));
    }
  }
  return { clicks: clicks.sort((a, b) => a.time - b.time), consumed };
}

/** Different items, each equally likely. */
function drawList(items: readonly WorldItem[], length: number, uniform: () => number): WorldItem[] {
  const list = new Set<WorldItem>();
  while (list.size < Math.min(length, items.length)) list.add(items[Math.floor(uniform() * items.length)]!);
  return [...list];
}
