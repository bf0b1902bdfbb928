import type { StoredMessage } from './logTables';

/** Wants to know what is added to a partition. */
export interface PartitionListener {
  readonly partition: number;
  /** Called with messages that are durable now. */
  offer(messages: readonly StoredMessage[]): void;
}

/** One topic of the embedded log, as this process knows it: where its partitions end, and who waits there. */
export class TopicLog {
  private readonly listeners = new Set<PartitionListener>();

  /** @param heads the next offset of each partition */
  constructor(
    readonly name: string,
    private readonly heads: number[],
  ) {}

  get partitions(): number {
    return this.heads.length;
  }

  /** The next offset that a message of the partition will get. */
  head(partition: number): number {
    return this.heads[partition]!;
  }

  /** Takes note of messages that are durable now, and tells those who listen. */
  extend(partition: number, messages: readonly StoredMessage[]): void {
    this.heads[partition] = messages.at(-1)!.offset + 1;
    for (const listener of this.listeners) {
      if (listener.partition === partition) listener.offer(messages);
    }
  }

  attach(listener: PartitionListener): void {
    this.listeners.add(listener);
  }

  detach(listener: PartitionListener): void {
    this.listeners.delete(listener);
  }
}
