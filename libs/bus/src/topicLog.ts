import type { StoredMessage } from './logTables';
import type { PartitionReader } from './partitionReader';

/** One topic of the embedded log, as this process knows it: where its partitions end, and who reads them. */
export class TopicLog {
  private readonly readers = new Set<PartitionReader>();

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

  /** Takes note of messages that are durable now, and hands them to those who have read all before them. */
  extend(partition: number, messages: readonly StoredMessage[]): void {
    this.heads[partition] = messages.at(-1)!.offset + 1;
    for (const reader of this.readers) {
      if (reader.partition === partition) reader.offer(messages);
    }
  }

  attach(reader: PartitionReader): void {
    this.readers.add(reader);
  }

  detach(reader: PartitionReader): void {
    this.readers.delete(reader);
  }
}
