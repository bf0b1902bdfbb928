import { type DatasetGroupName, type ItemId, itemId } from '@attune/domain';
import type { Candidate } from '@attune/exploration';
import { type Asker, type Scorer, topK } from '@attune/recommender';
import type { ItemStatistics } from '@attune/session';
import type { ItemCatalog } from './itemCatalog';
import type { StoreWatch } from './storeWatch';

/** A list for someone the model knows nothing about has a fresh item in every fifth slot. */
export const FRESH_EVERY = 5;

/**
 * How old an item may be to count as fresh, counted back from the dataset group's latest interaction: the default of
 * exploration_item_age_cut_off.
 */
export const FRESH_AGE_MS = 30 * 24 * 3600 * 1000;

/** Enough for the longest list, 500, after a history of seen items. The tail beyond has no share worth showing. */
const MAX_POPULAR = 10_000;

/** The longest list gives 100 slots to fresh items; the others replace those that are in the list already. */
const MAX_FRESH = 1_000;

/** Reading the statistics sorts the catalogue. Once a second is often enough for what changes over days. */
const TTL_MS = 1_000;

/** An item of a list that no model made, and why it is there. */
export interface ColdCandidate extends Candidate {
  reason: 'Popular item' | 'Fresh item';
}

interface PopularAndFresh {
  /** Most popular first. */
  popular: readonly Candidate[];
  /** Most popular first. */
  fresh: readonly Candidate[];
  /** Whether the statistics were away, so that this is what was known before. */
  degraded: boolean;
}

export interface ColdStartParts {
  statistics: Pick<ItemStatistics, 'popular' | 'fresh' | 'latestInteraction'>;
  catalog: Pick<ItemCatalog, 'createdAt' | 'createdSince'>;
  stores: StoreWatch;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Makes lists for users about whom nothing is known: the popular, with the fresh mixed in. */
export class ColdStart {
  private readonly lists = new Map<DatasetGroupName, { readAt: number; reading: Promise<PopularAndFresh> }>();

  constructor(private readonly parts: ColdStartParts) {}

  /**
   * Popular items, most popular first, and in every fifth slot the most popular fresh item that is not above it. The
   * score is an item's share of the popularity of all.
   * @param hidden items that the user is not shown
   * @param asker what is known of who asks: popularity is multiplied with how much likelier that makes an item
   */
  async list(
    datasetGroup: DatasetGroupName,
    scorer: Scorer,
    hidden: readonly ItemId[],
    size: number,
    asker: Asker = {},
  ): Promise<{ candidates: ColdCandidate[]; degraded: boolean }> {
    const anyone = await this.popularAndFresh(datasetGroup, scorer);
    const lists = { ...anyone, ...sharpen(anyone, scorer, asker) };
    return { candidates: mixFresh(lists, new Set(hidden), size), degraded: lists.degraded };
  }

  private popularAndFresh(datasetGroup: DatasetGroupName, scorer: Scorer): Promise<PopularAndFresh> {
    const readAt = this.parts.now();
    const known = this.lists.get(datasetGroup);
    if (known && readAt - known.readAt < TTL_MS) return known.reading;
    const reading = this.readOr(known?.reading, datasetGroup, scorer);
    this.lists.set(datasetGroup, { readAt, reading });
    reading.catch(() => this.lists.delete(datasetGroup));
    return reading;
  }

  /** Where the statistics are away: what they said last, or else the popularity that the model was trained on. */
  private async readOr(
    before: Promise<PopularAndFresh> | undefined,
    datasetGroup: DatasetGroupName,
    scorer: Scorer,
  ): Promise<PopularAndFresh> {
    const read = await this.parts.stores.read('statistics', () => this.read(datasetGroup, scorer));
    if (read) return { ...read.result, degraded: false };
    return { ...((await before) ?? { popular: asTrained(scorer), fresh: [] }), degraded: true };
  }

  private async read(datasetGroup: DatasetGroupName, scorer: Scorer): Promise<Omit<PopularAndFresh, 'degraded'>> {
    const { statistics } = this.parts;
    const counts = await statistics.popular(datasetGroup, MAX_POPULAR);
    const latest = await statistics.latestInteraction(datasetGroup);
    if (counts.length === 0 || latest === undefined) return { popular: asTrained(scorer), fresh: [] };
    const total = counts.reduce((sum, { popularity }) => sum + popularity, 0);
    const popular = counts.map((item) => ({ itemId: item.itemId, score: item.popularity / total }));
    const scores = new Map(popular.map((candidate) => [candidate.itemId, candidate.score]));
    const fresh = [...(await this.freshItems(datasetGroup, latest - FRESH_AGE_MS))]
      .map((id) => ({ itemId: id, score: scores.get(id) ?? 0 }))
      .sort((a, b) => b.score - a.score);
    return { popular, fresh };
  }

  /** An item's age counts from its creation where the catalogue has it, else from its first interaction. */
  private async freshItems(datasetGroup: DatasetGroupName, since: number): Promise<Set<ItemId>> {
    const { statistics, catalog } = this.parts;
    const touched = await statistics.fresh(datasetGroup, since, MAX_FRESH);
    const young = touched
      .map((item) => item.itemId)
      .filter((id) => (catalog.createdAt(datasetGroup, id) ?? since) >= since);
    return new Set([...young, ...catalog.createdSince(datasetGroup, since)]);
  }
}

/** Where there are no statistics yet: the popularity that the model was trained on. */
function asTrained(scorer: Scorer): Candidate[] {
  const { model, items } = scorer;
  return topK(model.popularity, MAX_POPULAR).map(({ item, score }) => ({ itemId: itemId(items.ids[item]!), score }));
}

/**
 * Popularity as it is among those of whom the same is known: each share times P(item | what is known) / P(item) by the
 * model, so that live popularity and what the model has learned both count. The shares sum to what they did. Fresh items that
 * no one has touched have no share; they are ordered by what the model makes of them alone.
 */
function sharpen({ popular, fresh }: PopularAndFresh, scorer: Scorer, asker: Asker): Partial<PopularAndFresh> {
  const anyone = scorer.initialState();
  const asking = scorer.asking(anyone, asker);
  if (asking === anyone) return {};
  const forAsker = scorer.score(asking);
  const forAnyone = scorer.scoreAnyone(new Float32Array(forAsker.length));
  const alone = (id: ItemId) => forAsker[scorer.items.indexOf(id) ?? -1];
  const lift = (id: ItemId) => (alone(id) ?? 1) / Math.max(forAnyone[scorer.items.indexOf(id) ?? -1] ?? 1, 1e-30);
  const lifted = popular.map(({ itemId: id, score }) => ({ itemId: id, score: score * lift(id) }));
  const sum = (list: readonly Candidate[]) => list.reduce((total, { score }) => total + score, 0);
  const scale = sum(popular) / Math.max(sum(lifted), 1e-30);
  const sharpened = lifted
    .map(({ itemId: id, score }) => ({ itemId: id, score: score * scale }))
    .sort((a, b) => b.score - a.score);
  const scores = new Map(sharpened.map((candidate) => [candidate.itemId, candidate.score]));
  return {
    popular: sharpened,
    fresh: fresh
      .map(({ itemId: id }) => ({ itemId: id, score: scores.get(id) ?? 0 }))
      .sort((a, b) => b.score - a.score || (alone(b.itemId) ?? 0) - (alone(a.itemId) ?? 0)),
  };
}

/** Fills slots from two lists, each item once. */
export function mixFresh(
  { popular, fresh }: Pick<PopularAndFresh, 'popular' | 'fresh'>,
  hidden: ReadonlySet<ItemId>,
  size: number,
): ColdCandidate[] {
  const taken = new Set(hidden);
  const takeFrom = (list: Iterator<Candidate>): Candidate | undefined => {
    for (let next = list.next(); !next.done; next = list.next()) {
      if (taken.has(next.value.itemId)) continue;
      taken.add(next.value.itemId);
      return next.value;
    }
    return undefined;
  };
  const popularLeft = popular.values();
  const freshLeft = fresh.values();
  const nextPopular = () => labelled(takeFrom(popularLeft), 'Popular item');
  const nextFresh = () => labelled(takeFrom(freshLeft), 'Fresh item');
  const slots: ColdCandidate[] = [];
  while (slots.length < size) {
    const freshFirst = slots.length % FRESH_EVERY === FRESH_EVERY - 1;
    const item = freshFirst ? (nextFresh() ?? nextPopular()) : (nextPopular() ?? nextFresh());
    if (!item) break;
    slots.push(item);
  }
  return slots;
}

function labelled(candidate: Candidate | undefined, reason: ColdCandidate['reason']): ColdCandidate | undefined {
  return candidate && { ...candidate, reason };
}
