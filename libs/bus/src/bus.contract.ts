import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Batch, Bus, Message, OutgoingMessage, Subscription } from './bus';
import { MAX_MESSAGE_BYTES } from './bus';
import type { DeadLetter } from './deadLettersTopic';
import type { Topic } from './topic';
import { topics } from './topics';

/** A bus under test. Topics of the suite have names of their own, so many suites may share one bus. */
export interface BusFactory {
  open(): Promise<Bus>;
  /** Opens what an earlier bus of this factory left, after that was closed. */
  reopen(): Promise<Bus>;
  /** Releases what the buses were kept in. */
  dispose(): Promise<void>;
  /** Makes a topic known where the bus asks for that. */
  declare<Value>(topic: Topic<Value>): Promise<void>;
}
