import { Counter, Gauge, type Registry } from '@attune/service';

/** What inference counts. The time of each request is in the histograms of the HTTP and the gRPC server. */
export interface InferenceMetrics {
  historyReads: Counter<'source'>;
  rankings: Counter<'source'>;
  slates: Counter<'outcome'>;
  degraded: Counter;
  poolItems: Gauge<'campaign'>;
  exposure: Gauge<'campaign' | 'state'>;
  storeAway: Gauge<'store'>;
  model: Gauge<'campaign' | 'solution_version'>;
  brokenModel: Gauge<'campaign'>;
}

export function createInferenceMetrics(metrics: Registry): InferenceMetrics {
  const registers = [metrics];
  return {
    historyReads: new Counter({
      name: 'attune_inference_history_reads_total',
      help: 'Where the histories of users came from: session, cache, archive, or none where a store was away.',
      labelNames: ['source'],
      registers,
    }),
    rankings: new Counter({
      name: 'attune_inference_rankings_total',
      help: 'How lists were ranked: cached, advanced by new events, recomputed from the history, or cold.',
      labelNames: ['source'],
      registers,
    }),
    slates: new Counter({
      name: 'attune_inference_slates_total',
      help: 'Served lists, by whether the bus has them: published or lost.',
      labelNames: ['outcome'],
      registers,
    }),
    degraded: new Counter({
      name: 'attune_inference_degraded_total',
      help: 'Lists that were made while a store was away, and are marked so.',
      registers,
    }),
    poolItems: new Gauge({
      name: 'attune_inference_exploration_items',
      help: 'Items that a campaign may explore: young enough, or without any history.',
      labelNames: ['campaign'],
      registers,
    }),
    exposure: new Gauge({
      name: 'attune_inference_exposure_items',
      help: 'New items that are behind the pace of their promised impressions, and that have missed them in their time.',
      labelNames: ['campaign', 'state'],
      registers,
    }),
    storeAway: new Gauge({
      name: 'attune_inference_store_away',
      help: '1 while a store can not be read: sessions, statistics or archive.',
      labelNames: ['store'],
      registers,
    }),
    model: new Gauge({
      name: 'attune_inference_model_info',
      help: '1 for the solution version that a campaign serves.',
      labelNames: ['campaign', 'solution_version'],
      registers,
    }),
    brokenModel: new Gauge({
      name: 'attune_inference_model_broken',
      help: '1 where the newest solution version of a campaign could not be loaded, so that an older one or none serves.',
      labelNames: ['campaign'],
      registers,
    }),
  };
}
