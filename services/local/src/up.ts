import { createLogger, stopOnSignals } from '@attune/service';
import type { LocalConfig } from './localConfig';
import { SERVICE_NAMES, type ServiceName } from './services';
import { startAttune } from './startAttune';

/**
 * Serves until a signal: all services (`attune up`), or those that are named (`attune serve`). Logs go to standard output,
 * one JSON object per line.
 */
export async function up(config: LocalConfig, services: readonly ServiceName[] = SERVICE_NAMES): Promise<void> {
  const service = services.length === 1 ? services[0]! : 'attune';
  const logger = createLogger({ service, level: config.logLevel });
  const attune = await startAttune({ config, logger, services });
  stopOnSignals(attune.parts, { logger });
}
