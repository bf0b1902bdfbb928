import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTraceReceiver, type TraceReceiver } from '@attune/testing';
import { startAttuneProcess } from './testing/attuneProcess';

let dataDir: string;
let receiver: TraceReceiver;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'attune-tracing-'));
  receiver = await startTraceReceiver();
});

afterEach(async () => {
  await receiver.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test('a caller finds its requests in its own trace, with what became of them', async () => {
  const attune = await startAttuneProcess(dataDir, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const answer = await fetch(`${attune.httpUrl}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${spanId}-01` },
    body: JSON.stringify({ trackingId: 'unknown', sessionId: 's', eventList: [] }),
  });
  expect(answer.status).toBe(400);
  await fetch(`${attune.httpUrl}/health`);
  // The last spans leave before the process does.
  expect(await attune.stop()).toBe(0);

  const requests = receiver.spans.filter(({ attributes }) => attributes.some(({ key }) => key === 'http.route'));
  expect(requests).toEqual([expect.objectContaining({ name: 'POST /events', traceId, parentSpanId: spanId })]);
  expect(requests[0]!.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 400 } });
}, 120_000);
