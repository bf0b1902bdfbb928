import { InvalidInputError } from '@attune/domain';
import type { Dataset } from '../data/dataset';

/** What the memory of a training grows with. */
export interface TrainingSize {
  interactions: number;
  items: number;
  /** Length of an item's vector. */
  embedding: number;
  /** Networks that are kept at a time: in a search, a third of the trials and the one in hand. */
  networks: number;
}

/** Node, TensorFlow and the batch in hand, with the largest hidden dimension. */
const FIXED_BYTES = 600 * 2 ** 20;

/** The dataset, its split, the parts that are kept of it, weights by age, and places by item. */
const BYTES_PER_INTERACTION = 150;

/** Followers of an item in two transition memories, its id, its counts. */
const BYTES_PER_ITEM = 3500;

/** Copies of an item's vector: value, average, two moments, gradient and what makes the next of each; best, measured and served. */
const [COPIES_OF_A_NETWORK, OTHER_COPIES] = [7, 5];

const BYTES_PER_NUMBER = 4;

/** The memory that a training takes at its peak, about, in bytes. docs/operations.md holds it against what was measured. */
export function estimateTrainingBytes({ interactions, items, embedding, networks }: TrainingSize): number {
  const copies = COPIES_OF_A_NETWORK * networks + OTHER_COPIES;
  const bytesPerItem = BYTES_PER_ITEM + copies * (embedding + 1) * BYTES_PER_NUMBER;
  return FIXED_BYTES + interactions * BYTES_PER_INTERACTION + items * bytesPerItem;
}

/** @throws InvalidInputError where a training would take more than a limit, saying what there is and what to do */
export function checkTrainingMemory(
  dataset: Pick<Dataset, 'items' | 'itemIds'>,
  { embedding, networks }: Pick<TrainingSize, 'embedding' | 'networks'>,
  limitBytes: number,
): void {
  const size = { interactions: dataset.items.length, items: dataset.itemIds.length, embedding, networks };
  const bytes = estimateTrainingBytes(size);
  if (bytes <= limitBytes) return;
  const mib = (of: number) => `${Math.ceil(of / 2 ** 20)} MiB`;
  const trials = networks > 1 ? `, ${networks} networks of the search at a time` : '';
  throw new InvalidInputError(
    `Training would take about ${mib(bytes)} of memory, and may take ${mib(limitBytes)}: the data has ${size.interactions} interactions and ${size.items} items${trials}. Train on a machine with more memory or raise ATTUNE_TRAINING_MEMORY; or train on fewer events (eventsConfig, an older part deleted)${networks > 1 ? ', or search with fewer trials' : ''}.`,
  );
}
