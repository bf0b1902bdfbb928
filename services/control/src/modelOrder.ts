import { type Database, readHistory } from '@attune/database';
import { itemId, type Slate } from '@attune/domain';
import type { ModelScores } from '@attune/exploration';
import type { ObjectStore } from '@attune/objectstore';
import { decodeArtifact, ExactScoring, historyOf, Scorer, SERVING_FILES } from '@attune/recommender';

/** A model's order for the requests of a log. */
export interface ModelOrder {
  /** Ranks for a list of the log, and scores its pool. */
  rank(slate: Slate): Promise<ModelScores>;
}

/** As many of a user's events as serving keeps. */
const HISTORY_EVENTS = 200;

/**
 * Ranks a model's catalogue for the users of logged lists, from the events before the list that the archive has of them. That is close
 * to what the model would have served, not the same: filters, the campaign's own settings and the request's context are
 * left aside.
 * @throws ResourceNotFoundError where a file of the artifact is missing
 * @throws InvalidInputError where the artifact is damaged
 */
export async function openModelOrder(
  { database, objects }: { database: Database; objects: ObjectStore },
  artifactUri: string,
): Promise<ModelOrder> {
  const files = await Promise.all(
    SERVING_FILES.map(async (name) => [name, await objects.get(`${artifactUri}/${name}`)] as const),
  );
  const scorer = new Scorer(decodeArtifact(new Map(files)));
  const scoring = new ExactScoring(scorer);
  return {
    rank: async ({ datasetGroup, userId, servedAt, slots, pool }) => {
      const history =
        userId === undefined ? [] : await readHistory(database, datasetGroup, userId, HISTORY_EVENTS, servedAt);
      const events = history.flatMap(({ itemId: id, timestamp }) => {
        const item = id === undefined ? undefined : scorer.items.indexOf(id);
        return item === undefined ? [] : [{ item, timestamp }];
      });
      const seen = new Set(scorer.excludeSeen ? events.map(({ item }) => item) : []);
      const state = scorer.stateOf(historyOf(events));
      const relevant = scoring.top(state, slots.length, seen).map(({ item, score }) => ({
        itemId: itemId(scorer.items.ids[item]!),
        score,
      }));
      const pooled = pool.map(({ itemId: id }) => scorer.items.indexOf(id));
      const known = scoring.scoresOf(
        state,
        pooled.filter((item) => item !== undefined),
      );
      let next = 0;
      return { relevant, ofPool: pooled.map((item) => (item === undefined ? 0 : known[next++]!)) };
    },
  };
}
