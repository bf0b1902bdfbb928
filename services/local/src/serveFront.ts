import { startFront } from '@attune/front';
import { createLogger, createMetrics, type Part, startTracing, stopOnSignals, stopParts } from '@attune/service';
import { openAccess } from './access';
import { upstreams } from './frontConfig';
import type { LocalConfig } from './localConfig';
import { codeVersion } from './version';

/** `attune serve front`: passes requests on until a signal. It needs no Kafka, Postgres or Redis. */
export async function serveFront(config: LocalConfig): Promise<void> {
  const logger = createLogger({ service: 'front', level: config.logLevel });
  const parts: Part[] = [];
  try {
    const tracing = startTracing({ service: 'attune-front', version: codeVersion(), endpoint: config.tracesEndpoint });
    if (tracing) parts.push(tracing);
    const { host, port } = config;
    const access = await openAccess(config, logger, parts);
    const metrics = createMetrics();
    const http = await startFront({ upstreams: upstreams(config), host, port, metrics, logger, ...access.http });
    parts.push({ name: 'http', stop: () => http.stop() });
    logger.info({ services: ['front'], http: http.port }, 'attune is ready');
  } catch (error) {
    await stopParts(parts, { logger });
    throw error;
  }
  stopOnSignals(parts, { logger });
}
