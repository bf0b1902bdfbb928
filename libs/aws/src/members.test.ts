import fc from 'fast-check';
import { z } from 'zod';
import { arn, integer, map, text, timestamp, wholeMatch } from './members';
import { putEventsRequest } from './personalizeEvents';
import { parseShape } from './violations';

const accepts = (shape: typeof arn, value: string) => shape.safeParse(value).success;

test('lengths count characters, not UTF-16 units', () => {
  const id = text({ min: 2, max: 3 });
  expect(accepts(id, '👍👍👍')).toBe(true);
  expect(accepts(id, '👍👍👍👍')).toBe(false);
  expect(accepts(id, '👍')).toBe(false);
});

test('a pattern is matched against the whole string, whether or not it says so', () => {
  const word = text({ max: 10, pattern: '[a-z]+' });
  expect(accepts(word, 'abc')).toBe(true);
  expect(accepts(word, 'abc!')).toBe(false);
});

test('patterns know the letters of all scripts', () => {
  const letters = text({ max: 10, pattern: String.raw`[\p{L}]*` });
  expect(accepts(letters, 'größe')).toBe(true);
  expect(accepts(letters, '分類')).toBe(true);
});

test.each([
  ['U+0000', 'a\0b'],
  ['the first half of a character', 'a\uD83D'],
  ['the second half of a character', '\uDC4Da'],
])('what Postgres can not keep is no text: %s', (_, value) => {
  expect(accepts(text(), value)).toBe(false);
  expect(accepts(text({ pattern: '.*' }), value)).toBe(false);
});

test.each([
  [2 ** 31, false],
  [2 ** 31 - 1, true],
  [-(2 ** 31) - 1, false],
  [1.5, false],
])('a whole number has 32 bits: %p', (value, fits) => {
  expect(integer().safeParse(value).success).toBe(fits);
});

test('a map has no more entries than it may', () => {
  const tags = map(text(), text(), { max: 1 });
  expect(tags.safeParse({ a: 'x' }).success).toBe(true);
  expect(tags.safeParse({ a: 'x', b: 'y' }).success).toBe(false);
});

test.each([1e300, -1e300, 8.64e12 + 1])('no timestamp: %p', (seconds) => {
  expect(timestamp.safeParse(seconds).success).toBe(false);
});

test('a request full of ARNs that are hard to refuse is refused at once', () => {
  const hard = `arn:aws:personalize:${':'.repeat(200)}\n`;
  const begun = performance.now();
  expect(z.array(arn).safeParse(Array(4_000).fill(hard)).success).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1_000);
});

describe('where a pattern of the API is slow, another takes the same strings', () => {
  const source = (value: string) => {
    const eventList = [{ eventType: 'e', sentAt: 1, metricAttribution: { eventAttributionSource: value } }];
    return putEventsRequest.safeParse({ trackingId: 't', sessionId: 's', eventList }).success;
  };

  test('ARNs', () => {
    const pattern = wholeMatch(String.raw`arn:([a-z\d-]+):personalize:.*:.*:.+`);
    const pieces = fc.constantFrom('arn', ':', 'aws', 'personalize', 'x', 'é', '👍', '\n', '\u2028', ' ', '/');
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 12 }),
      fc.array(pieces, { maxLength: 6 }).map((rest) => ['arn:aws:personalize:', ...rest]),
    );
    fc.assert(
      fc.property(texts, (parts) => {
        expect(accepts(arn, parts.join(''))).toBe(pattern.test(parts.join('')));
      }),
      { numRuns: 2000 },
    );
  });

  test('sources of events', () => {
    const pattern = wholeMatch(String.raw`^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$`);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(' ', 'a', '~', '\x7F', '\n', 'é'), { maxLength: 8 }), (parts) => {
        expect(source(parts.join(''))).toBe(pattern.test(parts.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});

test('a request that is nested a hundred thousand levels deep is refused like any other', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(() => parseShape(putEventsRequest, { more: deep })).toThrow(
    'The request must not be nested deeper than 100 levels.',
  );
});
