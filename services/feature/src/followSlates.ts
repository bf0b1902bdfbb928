import { setTimeout as pause } from 'node:timers/promises';
import { type Batch, type Bus, type Positions, type Subscription, topics } from '@attune/bus';
import type { Slate } from '@attune/domain';
import type { ItemStatistics, ListStore, ObservedPartition } from '@attune/session';
import { servedObservations } from './observations';

/** The consumer group whose members share the slates. */
const GROUP = 'feature-slates';

const MAX_BATCH_SIZE = 1000;

/**
 * How many lists of each partition are read again where they were lost with the process: some minutes' worth for what one
 * process serves.
 */
const READ_AGAIN = 1000;

/** Events that come meanwhile wait, so a log that can't be read to its end must not hold them up for ever. */
const CATCH_UP_MS = 5_000;

export interface SlateFollowing {
  bus: Bus;
  lists: ListStore;
  statistics: ItemStatistics;
  /** Whether lists are lost with the process. */
  volatile: boolean;
}

/** Keeps in mind which items each list has, so that an event that only names the list counts an impression of each. */
export async function followSlates({ bus, lists, statistics, volatile }: SlateFollowing): Promise<Subscription> {
  const onBatch = (batch: Batch<Slate>) => applySlates(lists, statistics, batch);
  if (!volatile) return bus.subscribe(topics.slates, { group: GROUP, maxBatchSize: MAX_BATCH_SIZE, onBatch });
  const ends = await bus.ends(topics.slates);
  const left = new Map([...ends].filter(([, end]) => end > 0));
  const from: Positions = new Map([...ends].map(([partition, end]) => [partition, Math.max(0, end - READ_AGAIN)]));
  const following = await bus.follow(topics.slates, {
    from,
    onBatch: async (batch) => {
      await onBatch(batch);
      const next = batch.messages.at(-1)!.offset + 1;
      if (next >= (left.get(batch.partition) ?? 0)) left.delete(batch.partition);
    },
  });
  for (const deadline = performance.now() + CATCH_UP_MS; left.size > 0 && performance.now() < deadline; )
    await pause(5);
  return following;
}

async function applySlates(
  lists: ListStore,
  statistics: ItemStatistics,
  { partition, messages }: Batch<Slate>,
): Promise<void> {
  const source: ObservedPartition = `slates:${partition}`;
  for (const datasetGroup of new Set(messages.map(({ value }) => value.datasetGroup))) {
    const served = messages.filter(({ value }) => value.datasetGroup === datasetGroup);
    const observations = await servedObservations(lists, source, served);
    if (observations.length > 0) await statistics.add(datasetGroup, source, observations);
  }
}
