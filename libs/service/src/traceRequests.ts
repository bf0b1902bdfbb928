import { context, type Span, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isTracing, markFailed, parentOf, startSpan } from './spans';

/**
 * Makes a span of each request of a server, within its caller's trace. Health checks and metrics have none: they come every few
 * seconds and say nothing.
 * @param routeOf what a request asks for
 */
export function traceRequests(app: FastifyInstance, routeOf: (request: FastifyRequest) => string): void {
  if (!isTracing()) return;
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.access !== undefined) return done();
    const parent = parentOf(request.headers);
    const { method } = request;
    const attributes = { 'http.request.method': method, 'http.route': request.routeOptions.url ?? 'unknown' };
    const span = startSpan(method, { kind: 'server', attributes, parent });
    spans.set(request, span);
    // What is called within goes on with this context.
    context.with(trace.setSpan(parent, span), done);
  });
  app.addHook('onError', async (request, reply, error) => {
    const span = spans.get(request);
    if (span && reply.statusCode >= 500) markFailed(span, error);
  });
  app.addHook('onResponse', async (request, reply) => {
    const span = spans.get(request);
    span?.updateName(`${request.method} ${routeOf(request)}`);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    span?.end();
  });
}
