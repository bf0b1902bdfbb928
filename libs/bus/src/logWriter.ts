import type { Database } from '@attune/database';
import { UnavailableError } from '@attune/domain';
import { appendMessages, type Segment } from './logTables';
import type { TopicLog } from './topicLog';

/** A message with its partition, still without an offset. */
export interface KeyedMessage {
  partition: number;
  key: Uint8Array;
  value: Uint8Array;
  /** The trace that publishes it (W3C Trace Context), where there is one. Kafka carries it in a header; the embedded log does not. */
  traceparent?: string;
}

interface Publication {
  log: TopicLog;
  messages: readonly KeyedMessage[];
  bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

type LogSegment = Segment & { log: TopicLog };

/** Bounds on what goes into one insert. A single larger publication goes alone. */
const MAX_GROUP_MESSAGES = 2000;
const MAX_GROUP_BYTES = 4 * 1024 * 1024;

/**
 * Appends publications in the order of their coming, all those that wait at a time in one insert (group commit): one at
 * a time, each would cost some 0.3 ms of the database's only connection.
 */
export class LogWriter {
  private waiting: Publication[] = [];
  private draining: Promise<void> | undefined;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly database: Database,
    private readonly now: () => number,
  ) {}

  /**
   * Resolves when all the messages are durable.
   * @throws UnavailableError when none is
   */
  append(log: TopicLog, messages: readonly KeyedMessage[]): Promise<void> {
    const bytes = messages.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    return new Promise((resolve, reject) => {
      this.waiting.push({ log, messages, bytes, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async settle(): Promise<void> {
    await this.draining;
  }

  private async drain(): Promise<void> {
    // Publications of the same turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.write(this.nextGroup());
    this.draining = undefined;
  }

  private nextGroup(): Publication[] {
    let messages = 0;
    let bytes = 0;
    const tooMany = this.waiting.findIndex((publication, index) => {
      messages += publication.messages.length;
      bytes += publication.bytes;
      return index > 0 && (messages > MAX_GROUP_MESSAGES || bytes > MAX_GROUP_BYTES);
    });
    return this.waiting.splice(0, tooMany === -1 ? this.waiting.length : tooMany);
  }

  private async write(group: readonly Publication[]): Promise<void> {
    const segments = place(group, this.now());
    try {
      await appendMessages(this.database, segments);
    } catch (error) {
      await this.refuse(group, error);
      return;
    }
    for (const { log, partition, messages } of segments) log.extend(partition, messages);
    for (const publication of group) publication.resolve();
  }

  /** One that can't be written must not take the others with it. */
  private async refuse(group: readonly Publication[], cause: unknown): Promise<void> {
    if (group.length > 1) {
      for (const publication of group) await this.write([publication]);
      return;
    }
    const [{ log, reject }] = group as [Publication];
    reject(new UnavailableError(`Nothing was published to "${log.name}": the log can't be written.`, 1, { cause }));
  }
}

/** Gives each message the next offset of its partition. */
function place(group: readonly Publication[], publishedAt: number): LogSegment[] {
  const segments = new Map<string, LogSegment>();
  for (const { log, messages } of group) {
    for (const { partition, key, value } of messages) {
      const name = `${partition} ${log.name}`;
      const segment = segments.get(name) ?? { log, topic: log.name, partition, messages: [] };
      segments.set(name, segment);
      segment.messages.push({ offset: log.head(partition) + segment.messages.length, key, value, publishedAt });
    }
  }
  return [...segments.values()];
}
