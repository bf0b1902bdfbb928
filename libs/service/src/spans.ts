import {
  type Attributes,
  type Context,
  context,
  type Link,
  type ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

const NAME = 'attune';

/** The most traces that one span links to, as OpenTelemetry's SDKs limit it. */
const MAX_LINKS = 128;

/** Whether `startTracing` has begun. Where it has not, spans are nothing, and what makes them may be left out. */
export function isTracing(): boolean {
  return (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer?.(NAME) !== undefined;
}

export interface SpanOptions {
  /** @default 'internal' */
  kind?: 'internal' | 'server' | 'producer' | 'consumer';
  /** By the names of OpenTelemetry's semantic conventions where there is one. */
  attributes?: Attributes;
  /** Where the span belongs. @default what is under way */
  parent?: Context;
  /** The traces that it goes on from, as `traceparent` has them, where there are several. */
  links?: Iterable<string>;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Starts a span, which its caller ends. */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  const { kind = 'internal', attributes = {}, parent = context.active(), links } = options;
  return trace
    .getTracer(NAME)
    .startSpan(name, { kind: KINDS[kind], attributes, ...(links && { links: linksTo(links) }) }, parent);
}

/** Does work in a span of its own, which fails where the work does. */
export async function inSpan<Result>(name: string, options: SpanOptions, work: () => Promise<Result>): Promise<Result> {
  if (!isTracing()) return work();
  const span = startSpan(name, options);
  try {
    return await context.with(trace.setSpan(options.parent ?? context.active(), span), work);
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Says that what the span stands for failed. */
export function markFailed(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Where a caller's span is, from its headers (W3C Trace Context). */
export function parentOf(headers: Readonly<Record<string, unknown>>): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

/** What is under way, as the header `traceparent` has it; undefined where nothing is traced. */
export function traceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

function linksTo(traceparents: Iterable<string>): Link[] {
  const links: Link[] = [];
  for (const each of new Set(traceparents)) {
    const linked = trace.getSpanContext(parentOf({ traceparent: each }));
    if (linked) links.push({ context: linked });
    if (links.length === MAX_LINKS) break;
  }
  return links;
}
