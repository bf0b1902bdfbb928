import { propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Part } from './lifecycle';

/** Either says where spans go: OpenTelemetry's own variables, of which the exporter and the sampler read the others, too. */
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

export interface TracingOptions {
  /** The name of the process among others: `service.name`. */
  service: string;
  /** Of this code: `service.version`. */
  version: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Begins to export spans over OTLP (HTTP, JSON), where the environment names an endpoint. It goes before servers and buses are
 * opened: each looks once whether there is tracing.
 * @returns what sends the last spans at the end; undefined where nothing is traced
 */
export function startTracing({ service, version, environment }: TracingOptions): Part | undefined {
  if (ENDPOINTS.every((name) => !environment[name])) return undefined;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': environment.OTEL_SERVICE_NAME ?? service,
      'service.namespace': 'attune',
      'service.version': version,
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    name: 'tracing',
    stop: async () => {
      await provider.shutdown();
      trace.disable();
      propagation.disable();
    },
  };
}
