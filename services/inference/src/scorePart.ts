import type { ColumnParts } from '@attune/recommender';

/** Something beside events that carried a score, in nats: what it added to the logarithm of the score. */
export interface ScorePart {
  /**
   * POPULARITY: how often anyone touches the item. INFLUENCE_...: the campaign's `rankingInfluence`. USER.column and
   * CONTEXT.column: what is known of who asks. REST: what the model says of the item whatever the others, and what is left
   * between first order and the whole. Of an item or an event: a column.
   */
  name: string;
  contribution: number;
}

/** One part for each column, the largest first. @param prefix before the column's name */
export function partsOfColumns(columns: ColumnParts, prefix = ''): ScorePart[] {
  return Object.entries(columns)
    .map(([column, contribution]) => ({ name: prefix + column, contribution }))
    .sort((a, b) => b.contribution - a.contribution);
}
