import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { putEventsRequest } from '@attune/aws';
import { z } from 'zod';

const file = join(__dirname, '..', '..', '..', 'docs', 'clickstream.schema.json');
const published = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')));

const event = { eventType: 'click', sentAt: 1_763_942_400.25 };
const message = { trackingId: 'tracker', sessionId: 'visit', eventList: [event] };
const withEvent = (change: object) => ({ ...message, eventList: [{ ...event, ...change }] });

describe('docs/clickstream.schema.json and ingest both', () => {
  test.each([
    ['the least that a message may hold', message],
    ['an anonymous visitor with a time in ISO 8601', withEvent({ sentAt: '2026-01-31T12:00:00Z' })],
    [
      'all that a message may hold',
      {
        ...withEvent({
          eventId: 'event',
          eventValue: 1.5,
          itemId: 'film-1',
          recommendationId: 'list',
          impression: ['film-1', 'film-2'],
          properties: '{"device": "tv"}',
          metricAttribution: { eventAttributionSource: 'shop' },
        }),
        userId: 'ada',
      },
    ],
  ])('take %s', (_, given) => {
    expect(published.safeParse(given).success).toBe(true);
    expect(putEventsRequest.safeParse(given).success).toBe(true);
  });

  test.each([
    ['no message', 'words'],
    ['no tracking id', { ...message, trackingId: undefined }],
    ['no session', { ...message, sessionId: undefined }],
    ['an empty user id', { ...message, userId: '' }],
    ['a long user id', { ...message, userId: 'x'.repeat(257) }],
    ['no events', { ...message, eventList: [] }],
    ['eleven events', { ...message, eventList: Array.from({ length: 11 }, () => event) }],
    ['an event without a type', withEvent({ eventType: undefined })],
    ['an event without a time', withEvent({ sentAt: undefined })],
    ['a time that is none', withEvent({ sentAt: 'yesterday' })],
    ['a value that is no number', withEvent({ eventValue: '1.5' })],
    ['a long recommendation id', withEvent({ recommendationId: 'x'.repeat(41) })],
    ['an impression of nothing', withEvent({ impression: [] })],
    ['an impression of 26 items', withEvent({ impression: Array.from({ length: 26 }, String) })],
    ['properties that are not text', withEvent({ properties: { device: 'tv' } })],
    ['long properties', withEvent({ properties: `{"device": "${'x'.repeat(1024)}"}` })],
  ])('refuse %s', (_, given) => {
    expect(published.safeParse(given).success).toBe(false);
    expect(putEventsRequest.safeParse(given).success).toBe(false);
  });
});
