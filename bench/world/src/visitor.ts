import { drawOf, streamOf } from './draws';
import type { WorldItem } from './items';
import type { Session } from './sessions';
import { affinity } from './tastes';

/** The chance that a user looks at a place of a list, 1 the first: position bias as in DCG's discount. */
export function examination(place: number): number {
  return 1 / Math.log2(1 + place);
}

/** How many items a user chooses from who looks for one without a list. */
const ORGANIC_CHOICE = 20;

/**
 * How users answer lists: the position-based model (Richardson et al., WWW 2007). A user looks at each place by itself
 * and, having looked, clicks by attraction. An item that a user has clicked attracts that user no more. What a list
 * contains beside an item changes nothing for that item.
 */
export class Visitors {
  /** By user: the indices of the items that were clicked. */
  private readonly consumed: Set<number>[];

  constructor(
    private readonly seed: number,
    consumed: readonly ReadonlySet<number>[],
  ) {
    this.consumed = consumed.map((items) => new Set(items));
  }

  /** Whether the user has clicked the item before. */
  knows(user: number, item: WorldItem): boolean {
    return this.consumed[user]!.has(item.index);
  }

  /** TRUTH: the chance that the user of a session clicks an item, having looked at it. */
  attraction({ user, intent }: Pick<Session, 'user' | 'intent'>, item: WorldItem): number {
    return this.knows(user, item) ? 0 : item.quality * affinity(intent, item.vector);
  }

  /** TRUTH: the chance of a click on each place of a list. */
  clickProbabilities(session: Session, list: readonly WorldItem[]): number[] {
    return list.map((item, index) => examination(index + 1) * this.attraction(session, item));
  }

  /** TRUTH: the list with the most expected clicks: by attraction, most attractive first. */
  idealList(session: Session, items: readonly WorldItem[], length: number): WorldItem[] {
    const attractions = new Map(items.map((item) => [item, this.attraction(session, item)]));
    return items.toSorted((a, b) => attractions.get(b)! - attractions.get(a)!).slice(0, length);
  }

  /**
   * Shows a list to the user of a session. What is clicked is the same for the same item at the same place of the same
   * page, whatever else is shown and whichever policy shows it.
   * @returns the clicked items, by their places
   */
  look(session: Session, page: number, list: readonly WorldItem[]): WorldItem[] {
    const probabilities = this.clickProbabilities(session, list);
    const { user, day, startMs } = session;
    const drawn = (item: number) => drawOf(this.seed, 'clicks', user, day + 10_000, startMs, page, item);
    const clicked = list.filter(({ index }, at) => drawn(index) < probabilities[at]!);
    for (const { index } of clicked) this.consumed[user]!.add(index);
    return clicked;
  }

  /** What the user of a session finds without a list: the most attractive of a few that chance brings, or nothing. */
  find(session: Session, items: readonly WorldItem[]): WorldItem | undefined {
    const chance = streamOf(this.seed, 'organic', session.user, session.day + 10_000, session.startMs);
    const seen = Array.from({ length: ORGANIC_CHOICE }, () => items[Math.floor(chance.uniform() * items.length)]!);
    const [best] = this.idealList(session, seen, 1);
    if (!best || chance.uniform() >= this.attraction(session, best)) return undefined;
    this.consumed[session.user]!.add(best.index);
    return best;
  }
}
