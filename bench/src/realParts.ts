import { type Bus, createKafkaTopics, openKafkaBus } from '@attune/bus';
import { type Database, migrate, openPostgres } from '@attune/database';
import { createLogger, type Logger } from '@attune/service';
import { openRedis, type RedisConnection } from '@attune/session';
import { shareServer, startServerRun } from '@attune/testing';

/** A Kafka with Attune's topics, a Redis, and a Postgres with Attune's schema. */
export interface RealParts {
  kafka: { brokers: string[]; topicPrefix: string };
  bus: Bus;
  redis: RedisConnection;
  redisUrl: string;
  /** A prefix for keys that nobody has used. */
  newRedisPrefix(): string;
  database: Database;
  databaseUrl: string;
  logger: Logger;
  close(): Promise<void>;
}

/** The servers of the environment where it names some, else those that are installed here, as the tests have them. */
export async function openRealParts(): Promise<RealParts> {
  const { run, stop } = await startServerRun();
  try {
    const [kafka, redisServer, postgres] = await Promise.all([
      shareServer(run, 'kafka'),
      shareServer(run, 'redis'),
      shareServer(run, 'postgres'),
    ]);
    const logger = createLogger({ service: 'bench', level: 'error' });
    const topicPrefix = kafka.newPrefix();
    const connection = { brokers: kafka.brokers, clientId: 'bench', topicPrefix, logger };
    await createKafkaTopics(connection);
    const bus = await openKafkaBus(connection);
    const redis = await openRedis({ url: redisServer.url });
    const databaseUrl = await postgres.createDatabase();
    const database = await openPostgres({ url: databaseUrl });
    await migrate(database);
    return {
      kafka: { brokers: kafka.brokers, topicPrefix },
      bus,
      redis,
      redisUrl: redisServer.url,
      newRedisPrefix: () => redisServer.newPrefix(),
      database,
      databaseUrl,
      logger,
      close: async () => {
        await bus.close();
        redis.close();
        await database.close();
        await postgres.dropDatabases();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
