import { createKafkaTopics } from '@attune/bus';
import { migrate } from '@attune/database';
import { InvalidInputError } from '@attune/domain';
import { migrateJobs } from '@attune/jobs';
import { createLogger } from '@attune/service';
import type { LocalConfig } from './localConfig';
import { kafkaConnection, openServerDatabase } from './parts';

/** `attune topics`: creates what is missing, and changes nothing that is there. */
export async function topics(config: LocalConfig): Promise<void> {
  const logger = createLogger({ service: 'topics', level: config.logLevel });
  const created = await createKafkaTopics({
    ...kafkaConnection(config, 'attune-topics', logger),
    replicationFactor: config.kafkaReplicationFactor,
  });
  logger.info({ created }, 'topics are there');
}

/** `attune migrate`: runs the migrations that have not run yet. */
export async function migrateDatabase(config: LocalConfig): Promise<void> {
  if (!config.databaseUrl) {
    throw new InvalidInputError('DATABASE_URL is not set. An embedded database is brought up to date by attune up.');
  }
  const logger = createLogger({ service: 'migrate', level: config.logLevel });
  const database = await openServerDatabase(config, 'attune-migrate');
  try {
    await migrate(database);
    await migrateJobs(database);
    logger.info('the schema is up to date');
  } finally {
    await database.close();
  }
}
