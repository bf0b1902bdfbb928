import {
  datasetGroupName,
  type ItemId,
  itemId,
  type PoolItem,
  type RelevantItem,
  recommendationId,
  type Slate,
  userId,
} from '@attune/domain';
import { fillSlate, type LoggedList, SLATE_RULE, type TargetPolicy } from '@attune/exploration';
import { Random } from '@attune/recommender';

/** How users of the simulated log click. */
export type ClickBehaviour =
  /** On what they see and like, whatever the other slots hold. */
  | 'position'
  /** Down the list, each click making the next less likely. */
  | 'cascade';

const ITEMS = 24;
const SLOTS = 3;
const TYPES = 40;
const REQUESTS_OF_A_USER = 4;
/** How far a user's clicks are multiplied, at random: lists of one user are alike. */
const SPREAD = 0.6;
/** The chance that a slot is looked at, from the top. */
const EXAMINED = [1, 0.7, 0.5];
const LEFT_AFTER_A_CLICK = 0.4;

/**
 * A small world of 40 types of users and 24 items, 8 of them new: it makes logs of lists with clicks, and tells what any
 * policy earns in it. Simulated; the click rates are far above those of a real site, so that small logs tell something.
 */
export class SimulatedLog {
  /** [type][item] chance of a click on what is looked at. */
  private readonly rates: number[][];
  /** [type][item] what the model takes for it. */
  private readonly scores: number[][];
  private readonly weights: number[];
  private readonly ages: number[];
  private readonly names = Array.from({ length: ITEMS }, (_, item) => itemId(`item-${item}`));

  constructor(
    private readonly behaviour: ClickBehaviour,
    private readonly loggedWeight: number,
    private readonly loggedCutOff: number,
    seed: number,
  ) {
    const random = new Random(seed);
    const table = (of: (type: number, item: number) => number) =>
      Array.from({ length: TYPES }, (_, type) => Array.from({ length: ITEMS }, (__, item) => of(type, item)));
    const quality = Array.from({ length: ITEMS }, () => random.normal());
    this.rates = table((_, item) => Math.min(0.9, 0.12 * Math.exp(0.6 * quality[item]! + 0.6 * random.normal())));
    // The model knows old items well and new ones hardly.
    this.scores = table((type, item) => this.rates[type]![item]! * Math.exp((isNew(item) ? 1 : 0.3) * random.normal()));
    this.weights = Array.from({ length: ITEMS }, () => Math.exp(random.normal()));
    this.ages = Array.from({ length: ITEMS }, () => 30 * random.uniform());
  }

  /** A log of lists that users of this world were served and clicked on. */
  draw(lists: number, seed: number): LoggedList[] {
    const random = new Random(seed);
    const log: LoggedList[] = [];
    while (log.length < lists) {
      const user = this.drawUser(random);
      for (let request = 0; request < REQUESTS_OF_A_USER && log.length < lists; request++) {
        const slate = this.serve(user.type, { id: `list-${seed}-${log.length}`, user: user.id });
        const chances = this.chances(user, slate.slots, random);
        log.push({ slate, clicked: chances.clicked });
      }
    }
    return log;
  }

  /** The mean clicks on a list that the policy makes, over so many lists: the chances themselves are added up. */
  truth(target: TargetPolicy, lists: number, seed: number): number {
    const random = new Random(seed);
    let sum = 0;
    for (let list = 0; list < lists; list++) {
      const user = this.drawUser(random);
      const slate = this.serve(user.type, { id: `truth-${seed}-${list}`, user: user.id }, target);
      sum += this.chances(user, slate.slots, random).expected;
    }
    return sum / lists;
  }

  private drawUser(random: Random) {
    return {
      id: `user-${random.uint32()}-${random.uint32()}`,
      type: Math.floor(random.uniform() * TYPES),
      factor: Math.exp(SPREAD * random.normal() - SPREAD ** 2 / 2),
    };
  }

  private serve(type: number, of: { id: string; user: string }, target: TargetPolicy = {}): Slate {
    const cutOff = target.explorationItemAgeCutOff ?? this.loggedCutOff;
    const explorationWeight = target.explorationWeight ?? this.loggedWeight;
    const scores = this.scores[type]!;
    const ranked: RelevantItem[] = this.names
      .map((name, item) => ({ itemId: name, score: scores[item]! }))
      .sort((one, other) => other.score - one.score);
    const pool = this.names.flatMap((name, item): PoolItem[] => {
      if (!isNew(item) || this.ages[item]! > cutOff) return [];
      const weight = this.weights[item]!;
      return [{ itemId: name, score: scores[item]!, weight, ageDays: this.ages[item]!, impressions: 0, clicks: 0 }];
    });
    const policy = {
      version: SLATE_RULE,
      explorationWeight,
      explorationItemAgeCutOff: cutOff,
      seed: of.id,
      exposureImpressions: 0,
      exposureHours: 24,
    };
    return {
      datasetGroup: datasetGroupName('simulated'),
      recommendationId: recommendationId(of.id),
      campaignArn: 'simulated',
      solutionVersionArn: 'simulated',
      userId: userId(of.user),
      servedAt: 1,
      kind: 'recommendations',
      policy,
      relevant: ranked.slice(0, SLOTS),
      pool,
      poolEligible: pool.length,
      clickRate: 0.1,
      slots: fillSlate({ ranked, pool, size: SLOTS, policy }),
      degraded: false,
    };
  }

  /** The items that are clicked, and how many clicks were to be expected given those above each slot. */
  private chances(
    { type, factor }: { type: number; factor: number },
    slots: readonly { itemId: ItemId }[],
    random: Random,
  ): { clicked: ItemId[]; expected: number } {
    const clicked: ItemId[] = [];
    let expected = 0;
    slots.forEach(({ itemId: name }, slot) => {
      const item = Number(name.slice('item-'.length));
      const left = this.behaviour === 'cascade' ? LEFT_AFTER_A_CLICK ** clicked.length : 1;
      const chance = Math.min(0.95, factor * this.rates[type]![item]!) * EXAMINED[slot]! * left;
      expected += chance;
      if (random.uniform() < chance) clicked.push(name);
    });
    return { clicked, expected };
  }
}

const isNew = (item: number) => item % 3 === 0;
