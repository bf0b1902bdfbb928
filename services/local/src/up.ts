import { createLogger, stopOnSignals } from '@attune/service';
import type { LocalConfig } from './localConfig';
import { startEmbedded } from './startEmbedded';

/** `attune up`: serves until a signal. Logs go to standard output, one JSON object per line. */
export async function up(config: LocalConfig): Promise<void> {
  const logger = createLogger({ service: 'attune', level: config.logLevel });
  const attune = await startEmbedded(config, logger);
  stopOnSignals(attune.parts, { logger });
}
