import type { Database } from '@attune/database';
import type { GroupPositions } from './groupPositions';
import { Lanes } from './lanes';
import type { TopicLog } from './topicLog';

interface Group {
  lanes: Promise<Lanes>;
  members: number;
}

/** A place in a group. */
export interface Membership {
  /** The partitions that the group's members share. */
  lanes: Lanes;
  /** Commits the group's positions. The last member to leave closes the group. */
  leave(): Promise<void>;
}

/** The consumer groups of this process. */
export class ConsumerGroups {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly database: Database,
    private readonly positions: GroupPositions,
  ) {}

  async join(log: TopicLog, name: string): Promise<Membership> {
    const key = `${log.name} ${name}`;
    const group = this.groups.get(key) ?? { lanes: this.open(log, name), members: 0 };
    this.groups.set(key, group);
    group.members++;
    const leave = async () => {
      group.members--;
      if (group.members === 0) {
        this.groups.delete(key);
        (await group.lanes).close();
      }
      await this.positions.commit();
    };
    try {
      return { lanes: await group.lanes, leave };
    } catch (error) {
      this.groups.delete(key);
      throw error;
    }
  }

  private async open(log: TopicLog, name: string): Promise<Lanes> {
    const positions = await this.positions.read(name, log.name, log.partitions);
    return new Lanes(this.database, log, (partition) => positions.get(partition)!);
  }
}
