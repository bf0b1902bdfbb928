import { type Session, timeOf, type Visitors, type World, type WorldItem } from '@attune/world';

/** What a policy brought about on one day. */
export interface DayMeasures {
  lists: number;
  clicks: number;
  /** TRUTH: the sum of the click probabilities of what was shown. */
  expectedClicks: number;
  /** TRUTH: the same for the best possible lists. */
  idealClicks: number;
  slots: number;
  /** Slots that the policy gave to exploration, as the server's reason or the peer says. */
  explored: number;
  /** Slots with items that came on a served day. */
  newItemSlots: number;
}

/** Collects what happens under one policy, with the truth beside it. */
export class Measures {
  readonly days: DayMeasures[];
  /** When each item was shown, in days from the first served day, in the order of the visits. */
  readonly shownAt = new Map<WorldItem, number[]>();

  constructor(private readonly world: World) {
    this.days = Array.from({ length: world.settings.days }, () => ({
      lists: 0,
      clicks: 0,
      expectedClicks: 0,
      idealClicks: 0,
      slots: 0,
      explored: 0,
      newItemSlots: 0,
    }));
  }

  /** Takes a page before its user looks at it, so that nothing on it counts as known yet. */
  note(visitors: Visitors, session: Session, page: number, list: readonly WorldItem[], explored: number): void {
    const day = this.days[session.day]!;
    const time = timeOf(session, page);
    const ideal = visitors.idealList(session, this.world.itemsAt(time), this.world.settings.listLength);
    day.lists++;
    day.slots += list.length;
    day.explored += explored;
    day.expectedClicks += sum(visitors.clickProbabilities(session, list));
    day.idealClicks += sum(visitors.clickProbabilities(session, ideal));
    for (const item of list) {
      if (item.createdDay >= 0) day.newItemSlots++;
      const times = this.shownAt.get(item);
      if (times) times.push(time);
      else this.shownAt.set(item, [time]);
    }
  }

  noteClicks(session: Session, clicks: number): void {
    this.days[session.day]!.clicks += clicks;
  }

  /** Over all days. */
  total(measure: keyof DayMeasures): number {
    return sum(this.days.map((day) => day[measure]));
  }

  /** TRUTH: expected clicks that the best possible lists would have brought beyond these. */
  get regret(): number {
    return this.total('idealClicks') - this.total('expectedClicks');
  }

  /** The share of all items that were shown at all. */
  get coverage(): number {
    return this.shownAt.size / this.world.catalogue.items.length;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
