import type { Database } from '@attune/database';
import { readMessages, type StoredMessage } from './logTables';
import type { PartitionListener, TopicLog } from './topicLog';

/** What a reader holds at most, beside one message of any size. */
const MAX_HELD_MESSAGES = 2000;
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/**
 * Reads one partition in order. While it is at the head of the log, messages reach it in memory as they are published;
 * once it falls behind by more than it may hold, it reads from the table until it has caught up.
 */
export class PartitionReader implements PartitionListener {
  private held: StoredMessage[] = [];
  private heldBytes = 0;
  /** The offset after the last message that was taken or is held. */
  private fetched: number;

  /**
   * @param from the offset to start at
   * @param onMessages called when messages came in
   */
  constructor(
    private readonly database: Database,
    private readonly log: TopicLog,
    readonly partition: number,
    from: number,
    private readonly onMessages: () => void,
  ) {
    this.fetched = from;
    log.attach(this);
  }

  get hasMessages(): boolean {
    return this.held.length > 0 || this.fetched < this.log.head(this.partition);
  }

  /** Holds those of the messages that follow what was fetched, while there is room. The rest is in the table. */
  offer(messages: readonly StoredMessage[]): void {
    for (const message of messages) {
      if (message.offset < this.fetched) continue;
      if (message.offset > this.fetched || this.isFull) break;
      this.hold(message);
    }
    this.onMessages();
  }

  /** The next messages, at most this many; none only where there are none now. */
  async take(limit: number): Promise<StoredMessage[]> {
    if (this.held.length === 0 && this.hasMessages) await this.fetch();
    const taken = this.held.splice(0, limit);
    for (const message of taken) this.heldBytes -= message.value.length;
    return taken;
  }

  /** Goes back, or on, to an offset. */
  seek(offset: number): void {
    this.held = [];
    this.heldBytes = 0;
    this.fetched = offset;
  }

  close(): void {
    this.log.detach(this);
  }

  private async fetch(): Promise<void> {
    const head = this.log.head(this.partition);
    const place = { topic: this.log.name, partition: this.partition, from: this.fetched };
    const messages = await readMessages(this.database, place, MAX_HELD_MESSAGES, MAX_HELD_BYTES);
    for (const message of messages) this.hold(message);
    if (messages.length === 0) this.fetched = head;
  }

  private hold(message: StoredMessage): void {
    this.held.push(message);
    this.heldBytes += message.value.length;
    this.fetched = message.offset + 1;
  }

  private get isFull(): boolean {
    return this.held.length >= MAX_HELD_MESSAGES || this.heldBytes >= MAX_HELD_BYTES;
  }
}
