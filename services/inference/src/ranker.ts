import { setTimeout as pause } from 'node:timers/promises';
import { type ItemId, itemId, type UserId } from '@attune/domain';
import type { Candidate } from '@attune/exploration';
import {
  type Asker,
  type EventContribution,
  type ExplainedCase,
  explainScore,
  type HistoryState,
  historyOf,
  type ItemScoring,
  type ItemTilt,
  type Scorer,
} from '@attune/recommender';
import type { HistoryEvent, UserHistory } from '@attune/session';
import { LRUCache } from 'lru-cache';
import type { CampaignSettings } from './campaignSettings';
import { HiddenStates, knownEvents, type UserState } from './hiddenStates';
import { popularityFactor, type RankingTilt } from './rankingTilt';
import { partsOfColumns, type ScorePart } from './scorePart';

/** The most relevant items for one user, most relevant first. */
export interface Ranking {
  candidates: readonly Candidate[];
  /** How many of the user's events it is based on. */
  known: number;
  source: 'cached' | UserState['source'];
  /** The scores of further items, in their order: 0 where the model does not know the item, -1 where the user is not shown it. */
  further: readonly number[];
}

interface CachedRanking extends Ranking {
  revision: string;
  /** What was known of who asked. */
  asker: string;
  /** How many candidates were asked for. */
  size: number;
  /** Which further items were asked for. */
  furtherItems: readonly ItemId[];
}

const NO_ITEMS: readonly ItemId[] = [];

/** What a ranker ranks with. */
export interface RankerParts {
  scorer: Scorer;
  /** The scoring that is ready now: an index may still be in the making. */
  scoring: () => ItemScoring;
  /** How the campaign tilts the ranking. @default not at all */
  tilt?: RankingTilt;
}

/** Why an item has its score for a user. */
export interface RankedExplanation {
  score: number;
  /** The events that the model read, oldest first. */
  events: readonly (EventContribution & { event: HistoryEvent })[];
  parts: readonly ScorePart[];
  /** See `ScoreExplanation.itemMetadata`. */
  itemMetadata: readonly ScorePart[];
  /** How many of the user's events the model knows. */
  known: number;
}

/** A state made anew takes up to 8 ms: those who came within the last seconds of a busy server. */
const MOST_WARM_USERS = 2_000;

/** A warm-up that takes longer would keep the new model from all users for the sake of some. */
const LONGEST_WARM_UP_MS = 30_000;

/** Candidates that are kept for all users together, about 50 bytes each. */
const MAX_CACHED_CANDIDATES = 1_000_000;

/**
 * Ranks the catalogue for users whom the model knows something about. A ranking is kept until the user's history
 * changes; a new model comes with a ranker of its own. CPU time of a whole request, its surface aside, with 1,682 items:
 * 11 us from a kept ranking, 128 us where it is ranked again, 202 us with a new event.
 */
export class Ranker {
  readonly scorer: Scorer;
  private readonly states: HiddenStates;
  private readonly excludeSeen: boolean;
  private readonly rankings = new LRUCache<UserId, CachedRanking>({
    maxSize: MAX_CACHED_CANDIDATES,
    sizeCalculation: ({ candidates, further }) => candidates.length + Math.ceil(further.length / 6) + 1,
  });
  private tilt: { multipliers: ItemTilt | undefined; revision: number } | undefined;

  constructor(
    private readonly parts: RankerParts,
    { seenItems }: Pick<CampaignSettings, 'seenItems'>,
  ) {
    this.scorer = parts.scorer;
    this.states = new HiddenStates(parts.scorer);
    this.excludeSeen = seenItems === 'auto' ? parts.scorer.excludeSeen : seenItems === 'exclude';
  }

  /** The items of a history that its user is not shown again. */
  hidden(history: Pick<UserHistory, 'items'>): UserHistory['items'] {
    return this.excludeSeen ? history.items : [];
  }

  /**
   * Makes the states of users whom another ranker knows, the latest to come first, so that their next requests don't all
   * make them at once. Between two users serving has as much time as the one before took.
   * @param signal ends it early
   */
  async warmUp(before: Ranker, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    let users = 0;
    for (const [historyKey, events] of [...before.states.histories()]) {
      const from = performance.now();
      if (signal.aborted || ++users > MOST_WARM_USERS || from - startedAt > LONGEST_WARM_UP_MS) return;
      this.states.stateAfter(historyKey, events);
      await pause(performance.now() - from);
    }
  }

  /**
   * Scores items for a user, by popularity where the model knows none of the user's own and nothing of the asker.
   * @returns by item, without those that the model does not know; and how many of the user's events it is based on
   */
  async scoresOf(
    historyKey: UserId,
    history: UserHistory,
    itemIds: readonly ItemId[],
    asker: Asker = {},
  ): Promise<{ scores: ReadonlyMap<ItemId, number>; known: number }> {
    const { state, known } = this.states.stateAfter(historyKey, history.events);
    const items = itemIds.flatMap((id) => this.scorer.items.indexOf(id) ?? []);
    const asking = this.scorer.asking(this.stateToScore(state, known), asker);
    const all = await this.parts.scoring().scoresOf(asking, items, this.currentTilt());
    const scores = new Map(items.map((item, index) => [itemId(this.scorer.items.ids[item]!), all[index]!]));
    return { scores, known };
  }

  /**
   * @param size the most candidates there can be
   * @param furtherItems items to be scored, too; what is kept is for the same list of them
   * @param asker what is known of who asks, beside the history
   * @returns undefined where the model knows none of the user's items
   */
  async rank(
    historyKey: UserId,
    history: UserHistory,
    size: number,
    furtherItems: readonly ItemId[] = NO_ITEMS,
    asker: Asker = {},
  ): Promise<Ranking | undefined> {
    const tilt = this.currentTilt();
    const cached = this.rankings.get(historyKey);
    const { revision } = history;
    const askerName = JSON.stringify(asker);
    const isKept = cached?.revision === revision && cached.asker === askerName && cached.size >= size;
    if (isKept && (furtherItems.length === 0 || cached.furtherItems === furtherItems)) {
      return { ...cached, source: 'cached' };
    }
    const { state, known, source } = this.states.stateAfter(historyKey, history.events);
    if (known === 0) return undefined;
    const { items } = this.scorer;
    const hiddenItems = new Set(this.hidden(history));
    const hidden = new Set([...hiddenItems].flatMap((item) => items.indexOf(item) ?? []));
    const scoring = this.parts.scoring();
    const asking = this.scorer.asking(state, asker);
    const [top, further] = await Promise.all([
      scoring.top(asking, size, hidden, tilt),
      this.scoreFurther(scoring, asking, furtherItems, hiddenItems, tilt),
    ]);
    const candidates = top.map(({ item, score }) => ({ itemId: itemId(items.ids[item]!), score }));
    // While it was ranked the tilt may have changed, and the kept rankings been dropped.
    if (tilt === this.currentTilt()) {
      const kept = { candidates, known, source, further, revision, asker: askerName, size, furtherItems };
      this.rankings.set(historyKey, kept);
    }
    return { candidates, known, source, further };
  }

  /**
   * Why an item has its score for a user.
   * @returns undefined where the model does not know the item
   */
  async explain(
    historyKey: UserId,
    history: UserHistory,
    id: ItemId,
    { asker = {}, itemMetadata = {} }: Pick<ExplainedCase, 'asker' | 'itemMetadata'> = {},
  ): Promise<RankedExplanation | undefined> {
    const item = this.scorer.items.indexOf(id);
    if (item === undefined) return undefined;
    const { state, known } = this.states.stateAfter(historyKey, history.events);
    const asking = this.scorer.asking(this.stateToScore(state, known), asker);
    const [score] = await this.parts.scoring().scoresOf(asking, [item], this.currentTilt());
    const influences = this.parts.tilt?.partsOf(item) ?? [];
    if (this.scorer.memoryShareOf(asking) === 1) {
      const { popularity } = this.scorer.model;
      const contribution = Math.log(popularityFactor(popularity[item]!, popularity.length));
      const parts = [{ name: 'POPULARITY', contribution }, ...influences];
      return { score: score!, events: [], parts, itemMetadata: [], known };
    }
    const read = knownEvents(this.scorer, history.events).slice(-this.scorer.maxHistory);
    const expectation = await this.parts.scoring().expectation(asking);
    const explained = explainScore(this.scorer, { history: historyOf(read), item, asker, itemMetadata }, expectation);
    return {
      score: score!,
      events: read.map(({ event }, place) => ({ event, ...explained.events[place]! })),
      parts: [
        { name: 'POPULARITY', contribution: explained.popularity },
        ...influences,
        ...partsOfColumns(explained.user, 'USER.'),
        ...partsOfColumns(explained.context, 'CONTEXT.'),
        { name: 'REST', contribution: explained.rest },
      ],
      itemMetadata: partsOfColumns(explained.itemMetadata),
      known,
    };
  }

  private async scoreFurther(
    scoring: ItemScoring,
    state: HistoryState,
    furtherItems: readonly ItemId[],
    hidden: ReadonlySet<ItemId>,
    tilt: ItemTilt | undefined,
  ): Promise<readonly number[]> {
    if (furtherItems.length === 0) return [];
    const { items } = this.scorer;
    const indexes = furtherItems.map((id) => items.indexOf(id));
    const known = indexes.flatMap((index) => index ?? []);
    const scores = await scoring.scoresOf(state, known, tilt);
    let next = 0;
    return indexes.map((index, place) => {
      const score = index === undefined ? 0 : scores[next++]!;
      return hidden.has(furtherItems[place]!) ? -1 : score;
    });
  }

  private stateToScore(state: HistoryState, known: number): HistoryState {
    return known > 0 ? state : this.scorer.initialState();
  }

  /** The tilt of now. Where it is another than before, what was ranked by that is dropped. */
  private currentTilt(): ItemTilt | undefined {
    const { tilt } = this.parts;
    if (!tilt) return undefined;
    const revision = tilt.revision();
    if (this.tilt?.revision !== revision) {
      this.tilt = { multipliers: tilt.tilt(), revision };
      this.rankings.clear();
    }
    return this.tilt.multipliers;
  }
}
