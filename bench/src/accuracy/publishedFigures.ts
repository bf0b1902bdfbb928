import type { CurvePoint } from './accuracyJob';

/** Leave-one-out figures, full ranking over all items. */
export interface LeaveOneOutFigures {
  hr10: number;
  ndcg10: number;
  recall25: number;
  mrr: number;
  wallSeconds: number;
  cpuSeconds?: number;
  /** Its best figure on the validation items, items of the history masked, and how long it took to come to it. */
  best?: CurvePoint;
}

type Peer = 'GRU4Rec' | 'SASRec';

const figures = (hr10: number, ndcg10: number, recall25: number, mrr: number, wallSeconds: number) => ({
  hr10,
  ndcg10,
  recall25,
  mrr,
  wallSeconds,
});

/**
 * PyTorch peers on the same leave-one-out splits: GRU4Rec and SASRec with full cross-entropy, one seed each, two shared cores,
 * measured outside of this project. Items of the history are masked, but not on yoochoose, where items repeat.
 */
export const PUBLISHED_FIGURES: Partial<Record<string, Record<Peer, LeaveOneOutFigures>>> = {
  'ml-100k': {
    GRU4Rec: figures(0.1972, 0.1011, 0.3298, 0.0887, 211),
    SASRec: figures(0.1877, 0.0969, 0.3319, 0.086, 153),
  },
  'ml-latest-small': {
    GRU4Rec: figures(0.0459, 0.021, 0.0803, 0.019, 89),
    SASRec: figures(0.0639, 0.0297, 0.1197, 0.0287, 211),
  },
  'yoochoose-100k': {
    GRU4Rec: figures(0.5428, 0.3652, 0.6419, 0.319, 330),
    SASRec: figures(0.5912, 0.4065, 0.6823, 0.357, 174),
  },
  'amazon-toys': {
    GRU4Rec: figures(0.0547, 0.0314, 0.091, 0.0294, 435),
    SASRec: figures(0.0803, 0.0489, 0.1193, 0.0446, 443),
  },
};
