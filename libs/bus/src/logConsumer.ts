import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Batch, Subscription } from './bus';
import type { DeadLetter } from './deadLettersTopic';
import { decodeMessages } from './decodeMessages';
import type { Lane, Lanes } from './lanes';
import type { BusLogger } from './logger';
import type { StoredMessage } from './logTables';
import type { Topic } from './topic';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface LogConsumerOptions<Value> {
  topic: Topic<Value>;
  lanes: Lanes;
  maxBatchSize: number;
  /** The most lanes in hand at a time. */
  concurrency: number;
  onBatch(batch: Batch<Value>): Promise<void>;
  /** Keeps what could not be decoded. */
  onDeadLetters(letters: readonly DeadLetter[]): Promise<void>;
  /** Called when a batch took effect: the lane's position is behind it. */
  onProgress(lane: Lane): void;
  /** Called once, when the consumer has stopped. */
  onStopped(): Promise<void>;
  logger: BusLogger;
}

/** Takes batches from the lanes it shares, one of a lane at a time, from its start until it is stopped. */
export class LogConsumer<Value> implements Subscription {
  private readonly stopping = new AbortController();
  private readonly stopped: Promise<void>;

  constructor(private readonly options: LogConsumerOptions<Value>) {
    const hands = Array.from({ length: options.concurrency }, () => this.run());
    this.stopped = Promise.all(hands).then(() => options.onStopped());
  }

  stop(): Promise<void> {
    this.stopping.abort();
    this.options.lanes.wake();
    return this.stopped;
  }

  private async run(): Promise<void> {
    const { lanes } = this.options;
    while (!this.stopping.signal.aborted) {
      const lane = lanes.claim();
      if (!lane) {
        await lanes.change();
        continue;
      }
      await this.work(lane);
      lanes.release(lane);
      // A long backlog must not keep the process from its other work.
      await setImmediate();
    }
  }

  /** Brings one batch to effect, however often it takes. Stopped meanwhile, it leaves the batch for another time. */
  private async work(lane: Lane): Promise<void> {
    const { topic, onBatch, onProgress, logger, maxBatchSize } = this.options;
    let taken: StoredMessage[] | undefined;
    let batch: Batch<Value> | undefined;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        taken ??= await lane.reader.take(maxBatchSize);
        const last = taken.at(-1);
        if (!last) return;
        batch ??= await this.decode(lane.partition, taken);
        if (batch.messages.length > 0) await onBatch(batch);
        lane.position = last.offset + 1;
        onProgress(lane);
        return;
      } catch (error) {
        const place = { topic: topic.name, partition: lane.partition, offset: lane.position };
        logger.error({ err: error, ...place, retryInMs: pause }, 'a batch failed and will be given again');
      }
      if (!(await this.wait(pause))) {
        lane.reader.seek(lane.position);
        return;
      }
    }
  }

  private async decode(partition: number, taken: readonly StoredMessage[]): Promise<Batch<Value>> {
    const { topic, onDeadLetters } = this.options;
    const { batch, letters } = decodeMessages(topic, partition, taken);
    if (letters.length > 0) await onDeadLetters(letters);
    return batch;
  }

  /** @returns false as soon as the consumer is stopped */
  private async wait(milliseconds: number): Promise<boolean> {
    try {
      await setTimeout(milliseconds, undefined, { signal: this.stopping.signal });
      return true;
    } catch {
      return false;
    }
  }
}
