import type { Database } from '@attune/database';
import { PartitionReader } from './partitionReader';
import type { TopicLog } from './topicLog';

/** One partition on its way through a group of consumers: one of them at a time works on it. */
export interface Lane {
  readonly partition: number;
  readonly reader: PartitionReader;
  /** The offset after the last message that took effect. */
  position: number;
  busy: boolean;
}

/**
 * The partitions that the members of one group share. A member that is free takes the next one that has messages; so a
 * member that hangs holds up the partition in its hands and no other.
 */
export class Lanes {
  private readonly lanes: readonly Lane[];
  private next = 0;
  private idle: (() => void)[] = [];

  /** @param startOf the offset at which to start reading a partition */
  constructor(database: Database, log: TopicLog, startOf: (partition: number) => number) {
    this.lanes = Array.from({ length: log.partitions }, (_, partition) => {
      const position = startOf(partition);
      const reader = new PartitionReader(database, log, partition, position, () => this.wake());
      return { partition, reader, position, busy: false };
    });
  }

  /** The next free partition with messages, in turns; undefined where there is none. */
  claim(): Lane | undefined {
    for (let step = 0; step < this.lanes.length; step++) {
      const index = (this.next + step) % this.lanes.length;
      const lane = this.lanes[index]!;
      if (!lane.busy && lane.reader.hasMessages) {
        this.next = index + 1;
        lane.busy = true;
        return lane;
      }
    }
    return undefined;
  }

  /** Gives a partition back after its batch. */
  release(lane: Lane): void {
    lane.busy = false;
    this.wake();
  }

  /** Resolves when there may be something to claim. */
  change(): Promise<void> {
    return new Promise((resolve) => this.idle.push(resolve));
  }

  wake(): void {
    const idle = this.idle;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  close(): void {
    for (const { reader } of this.lanes) reader.close();
  }
}
