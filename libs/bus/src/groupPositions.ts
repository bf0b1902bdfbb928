import type { Database } from '@attune/database';
import type { BusLogger } from './logger';
import { type GroupPosition, readGroupPositions, writeGroupPositions } from './logTables';

/** A killed process gives its last second again: a commit per batch would cost as much as publishing it. */
const COMMIT_DELAY_MS = 1000;

/** Keeps the positions of groups, all those that moved within a second by one statement. Idle, it has no timer. */
export class GroupPositions {
  private moved = new Map<string, GroupPosition>();
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly logger: BusLogger,
  ) {}

  /** The committed positions of a group. Every partition of a new group starts at 0, and counts for retention. */
  async read(group: string, topic: string, partitions: number): Promise<Map<number, number>> {
    await this.commit();
    const positions = await readGroupPositions(this.database, group, topic);
    const fresh = Array.from({ length: partitions }, (_, partition) => partition).filter((p) => !positions.has(p));
    const starts = fresh.map((partition) => ({ group, topic, partition, nextOffset: 0 }));
    if (starts.length > 0) await writeGroupPositions(this.database, starts);
    return new Map([...positions, ...starts.map((start) => [start.partition, start.nextOffset] as const)]);
  }

  /** Notes a position. It is committed within a second. */
  move(position: GroupPosition): void {
    this.moved.set(`${position.partition} ${position.topic} ${position.group}`, position);
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.commit().catch((error) => {
        this.logger.error({ err: error }, 'the positions of consumer groups could not be committed, trying again');
      });
    }, COMMIT_DELAY_MS).unref();
  }

  /** Commits what has moved. Where that fails, it is tried again within a second. */
  commit(): Promise<void> {
    // One after the other, so that an older position never overwrites a newer one. Each failure is its own caller's.
    this.committing = this.committing.catch(() => {}).then(() => this.write());
    return this.committing;
  }

  /** Commits no more. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.moved;
    if (batch.size === 0) return;
    this.moved = new Map();
    try {
      await writeGroupPositions(this.database, [...batch.values()]);
    } catch (error) {
      for (const [name, position] of batch) {
        if (!this.moved.has(name)) this.move(position);
      }
      throw error;
    }
  }
}
