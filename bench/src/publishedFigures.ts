/**
 * NDCG@10 and HR@10 of PyTorch peers on the same leave-one-out split, full ranking over all items: GRU4Rec with full
 * cross-entropy and SASRec with full cross-entropy (one seed each), measured outside of this project. Items of the
 * history are masked on the film data and not on yoochoose, where items repeat.
 */
export const PUBLISHED_FIGURES: Partial<
  Record<string, Record<'GRU4Rec' | 'SASRec', { hr10: number; ndcg10: number }>>
> = {
  'ml-100k': { GRU4Rec: { hr10: 0.1972, ndcg10: 0.1011 }, SASRec: { hr10: 0.1877, ndcg10: 0.0969 } },
  'ml-latest-small': { GRU4Rec: { hr10: 0.0459, ndcg10: 0.021 }, SASRec: { hr10: 0.0639, ndcg10: 0.0297 } },
  'yoochoose-100k': { GRU4Rec: { hr10: 0.5428, ndcg10: 0.3652 }, SASRec: { hr10: 0.5912, ndcg10: 0.4065 } },
  'amazon-toys': { GRU4Rec: { hr10: 0.0547, ndcg10: 0.0314 }, SASRec: { hr10: 0.0803, ndcg10: 0.0489 } },
};
