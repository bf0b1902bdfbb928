import { type Uncertainty, uncertaintyOf } from './uncertainty';
import { clusterOf, type LoggedList, rewardsOf } from './weighList';

/** What the lists of a log earned, as they were. */
export interface LoggedPolicy {
  lists: number;
  users: number;
  /** Lists that an event names. */
  answered: number;
  /** Lists whose user had at least one click. */
  clicked: number;
  /** Clicks on a list, mean over lists. Absent where there are lists of fewer than two users. */
  clicksPerList?: Mean;
  /** The top slot first. A slot counts the lists that go so far. */
  slots: readonly SlotRates[];
}

export interface SlotRates {
  lists: number;
  clickRate: Mean;
  /** How often exploration drew the item. */
  exploredShare: number;
  /** Click rates of explored items and of the others, where there are enough for an interval. */
  explored?: Mean;
  relevant?: Mean;
}

export interface Mean extends Uncertainty {
  value: number;
}

interface SlotSums {
  rewards: number[];
  explored: boolean[];
  clusters: string[];
}

/** Adds up a log list by list, so that it need not be held. */
export class LoggedPolicySums {
  private answered = 0;
  private readonly clicks: number[] = [];
  private readonly clusters: string[] = [];
  private readonly slots: SlotSums[] = [];

  /** @param answered whether any event names the list */
  add(list: LoggedList, answered: boolean): void {
    const rewards = rewardsOf(list);
    const cluster = clusterOf(list.slate);
    if (answered) this.answered++;
    this.clicks.push(rewards.reduce((sum, reward) => sum + reward, 0));
    this.clusters.push(cluster);
    rewards.forEach((reward, slot) => {
      const sums = this.slots[slot] ?? { rewards: [], explored: [], clusters: [] };
      this.slots[slot] = sums;
      sums.rewards.push(reward);
      sums.explored.push(list.slate.slots[slot]!.explored);
      sums.clusters.push(cluster);
    });
  }

  result(): LoggedPolicy {
    const users = new Set(this.clusters).size;
    return {
      lists: this.clicks.length,
      users,
      answered: this.answered,
      clicked: this.clicks.filter((clicks) => clicks > 0).length,
      ...(users > 1 && { clicksPerList: meanOf(this.clicks, this.clusters) }),
      // An interval takes two users; the lowest slots of the longest lists may have one.
      slots: this.slots.filter(({ clusters }) => new Set(clusters).size > 1).map(slotRates),
    };
  }
}

function slotRates({ rewards, explored, clusters }: SlotSums): SlotRates {
  const share = explored.filter(Boolean).length / explored.length;
  const part = (which: boolean): Mean | undefined => {
    const at = explored.flatMap((drawn, index) => (drawn === which ? [index] : []));
    const users = at.map((index) => clusters[index]!);
    if (new Set(users).size < 2) return undefined;
    return meanOf(
      at.map((index) => rewards[index]!),
      users,
    );
  };
  const [ofExplored, ofRelevant] = [part(true), part(false)];
  return {
    lists: rewards.length,
    clickRate: meanOf(rewards, clusters),
    exploredShare: share,
    ...(ofExplored && { explored: ofExplored }),
    ...(ofRelevant && { relevant: ofRelevant }),
  };
}

function meanOf(values: readonly number[], clusters: readonly string[]): Mean {
  const value = values.reduce((sum, number) => sum + number, 0) / values.length;
  return { value, ...uncertaintyOf(Float64Array.from(values), clusters) };
}
