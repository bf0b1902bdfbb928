import { parentPort, workerData } from 'node:worker_threads';
import { Index, MetricKind, ScalarKind } from 'usearch';

/** What the thread is told: rows of a build, in order, or a search. */
export type ToWorker = { start: number; rows: Float32Array } | { search: number; output: Float32Array; count: number };

/** What it answers. */
export type FromWorker = { added: number } | { search: number; items: Int32Array };

interface IndexShape {
  dimensions: number;
  items: number;
  threads: number;
}

/** Neighbours of a node, and how many candidates a build and a search keep. docs/benchmarks.md has recall and times. */
const [CONNECTIVITY, BUILD_EXPANSION, SEARCH_EXPANSION] = [16, 64, 512];

const { dimensions, items, threads } = workerData as IndexShape;
const index = new Index({
  dimensions,
  metric: MetricKind.IP,
  quantization: ScalarKind.F16,
  connectivity: CONNECTIVITY,
  expansion_add: BUILD_EXPANSION,
  expansion_search: SEARCH_EXPANSION,
  multi: false,
});
const query = new Float32Array(dimensions);

parentPort!.on('message', (message: ToWorker) => {
  if ('rows' in message) {
    const { start, rows } = message;
    const keys = BigUint64Array.from({ length: rows.length / dimensions }, (_, row) => BigInt(start + row));
    index.add(keys, rows, threads);
    answer({ added: keys.length });
    return;
  }
  const { search, output, count } = message;
  query.set(output);
  query[output.length] = 1;
  const found = index.search(query, Math.min(count, items), 1);
  answer({ search, items: Int32Array.from(found.keys, Number) });
});

function answer(message: FromWorker): void {
  parentPort!.postMessage(message);
}
