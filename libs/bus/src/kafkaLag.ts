import { Gauge, type Registry } from '@attune/service';
import type { Admin } from 'kafkajs';
import type { KafkaAdmin } from './kafkaAdmin';
import type { BusLogger } from './logger';

/** A member of a group, with the labels of its metric: names without the prefix. */
export interface GroupMember {
  topic: string;
  group: string;
  /** The names on Kafka, prefix included. */
  topicName: string;
  groupName: string;
  /** The partitions that are this member's now. */
  partitions(): readonly number[];
}

/**
 * The gauge of what groups are behind. It asks Kafka when it is read, so that it is right for a consumer that hangs, too;
 * each process reports the partitions it has, so that a sum over processes counts each once.
 */
export class KafkaLag {
  private readonly members = new Set<GroupMember>();

  constructor(
    private readonly admin: KafkaAdmin,
    private readonly logger: BusLogger,
    metrics: Registry,
  ) {
    const lag = this;
    new Gauge({
      name: 'attune_bus_lag_messages',
      help: 'Messages that a consumer group has still to take, by partition.',
      labelNames: ['group', 'topic', 'partition'],
      registers: [metrics],
      async collect() {
        this.reset();
        for (const { labels, messages } of await lag.read()) this.set(labels, messages);
      },
    });
  }

  /** @returns what ends the watch */
  watch(member: GroupMember): () => void {
    this.members.add(member);
    return () => this.members.delete(member);
  }

  /** Nothing where Kafka is away: the other metrics must be readable then above all. */
  private async read(): Promise<Lag[]> {
    try {
      return (await Promise.all([...this.members].map((member) => this.lagOf(member)))).flat();
    } catch (error) {
      this.logger.warn({ err: error }, "the lag of consumer groups can't be read from Kafka");
      return [];
    }
  }

  private lagOf(member: GroupMember): Promise<Lag[]> {
    return this.admin.ask(`The lag of "${member.group}" can't be read from Kafka`, (admin) => lagOf(member, admin));
  }
}

interface Lag {
  labels: { group: string; topic: string; partition: string };
  messages: number;
}

async function lagOf({ topic, group, topicName, groupName, partitions }: GroupMember, admin: Admin): Promise<Lag[]> {
  const [ends, [committed]] = await Promise.all([
    admin.fetchTopicOffsets(topicName),
    admin.fetchOffsets({ groupId: groupName, topics: [topicName] }),
  ]);
  return ends
    .filter(({ partition }) => partitions().includes(partition))
    .map(({ partition, high, low }) => {
      const offset = Number(committed?.partitions.find((place) => place.partition === partition)?.offset ?? -1);
      const position = offset < 0 ? Number(low) : offset;
      return { labels: { group, topic, partition: String(partition) }, messages: Number(high) - position };
    });
}
