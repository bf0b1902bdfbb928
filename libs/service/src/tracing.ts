import { propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Part } from './lifecycle';

export interface TracingOptions {
  /** The name of the process among others: `service.name`. */
  service: string;
  /** Of this code: `service.version`. */
  version: string;
  /** The collector's address, without the path of the signal. Empty: nothing is traced. */
  endpoint: string;
}

/**
 * Begins to export spans over OTLP (HTTP, JSON), where there is an endpoint. OpenTelemetry's own variables say the rest:
 * headers, sampler, time limits. It goes before servers and buses are opened: each looks once whether there is tracing.
 * @returns what sends the last spans at the end; undefined where nothing is traced
 */
export function startTracing({ service, version, endpoint }: TracingOptions): Part | undefined {
  if (endpoint === '') return undefined;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'attune',
      'service.version': version,
    }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })),
    ],
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
