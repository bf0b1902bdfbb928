/** An item of a ranked list. */
export interface ScoredItem {
  /** Item index. */
  item: number;
  score: number;
}

/**
 * The `k` items of highest score, best first; equal scores keep the order of the item index. One pass over the scores
 * with a heap of `k`, so the catalogue is never sorted.
 * @param excluded items that may not be listed
 */
export function topK(
  scores: ArrayLike<number>,
  k: number,
  excluded: (item: number) => boolean = () => false,
): ScoredItem[] {
  // A binary heap whose root is the worst item kept: what has to be beaten to get in.
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  const worse = (a: number, b: number): boolean => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const sink = (item: number): void => {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, item)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = item;
  };
  const rise = (item: number): void => {
    let place = size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!worse(item, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = item;
  };
  for (let item = 0; item < scores.length && heap.length > 0; item++) {
    if (size === heap.length && !worse(heap[0]!, item)) continue;
    if (excluded(item)) continue;
    if (size < heap.length) rise(item);
    else sink(item);
  }
  return Array.from(heap.subarray(0, size), (item) => ({ item, score: scores[item]! })).sort(
    (a, b) => b.score - a.score || a.item - b.item,
  );
}
