/** Something beside events that carried a score, in nats: what it added to the logarithm of the score. */
export interface ScorePart {
  /**
   * POPULARITY: how often anyone touches the item. INFLUENCE_...: the campaign's `rankingInfluence`. REST: what the model
   * says of the item whatever the events, and what is left between first order and the whole.
   */
  name: 'POPULARITY' | 'INFLUENCE_POPULARITY' | 'INFLUENCE_FRESHNESS' | 'REST';
  contribution: number;
}
