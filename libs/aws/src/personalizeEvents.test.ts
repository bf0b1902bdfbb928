import { putEventsRequest } from './personalizeEvents';
import { parseShape } from './violations';

const event = { eventType: 'click', sentAt: 1_700_000_000 };
const call = { trackingId: 'tracker', sessionId: 'session', eventList: [event] };

/** The message about a call whose first event has these members. */
function problemWith(members: object): string {
  return problemOf({ ...call, eventList: [{ ...event, ...members }] });
}

function problemOf(request: unknown): string {
  try {
    parseShape(putEventsRequest, request);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the request was accepted');
}

function firstEvent(members: object) {
  return parseShape(putEventsRequest, { ...call, eventList: [{ ...event, ...members }] }).eventList[0]!;
}

test('times are seconds since the epoch, with a fraction or not, or ISO 8601', () => {
  expect(firstEvent({ sentAt: 1_700_000_000 }).sentAt).toBe(1_700_000_000_000);
  expect(firstEvent({ sentAt: 1_700_000_000.123 }).sentAt).toBe(1_700_000_000_123);
  expect(firstEvent({ sentAt: '2023-11-14T22:13:20Z' }).sentAt).toBe(1_700_000_000_000);
  expect(firstEvent({ sentAt: '2023-11-14T23:13:20.5+01:00' }).sentAt).toBe(1_700_000_000_500);
});

test('members that are null count as absent', () => {
  const { userId, eventList } = parseShape(putEventsRequest, {
    ...call,
    userId: null,
    eventList: [{ ...event, itemId: null, properties: null }],
  });
  expect(userId).toBeUndefined();
  expect(eventList).toEqual([{ eventType: 'click', sentAt: 1_700_000_000_000 }]);
});

test('properties are read from their JSON; null ones count as absent', () => {
  const { properties } = firstEvent({ properties: '{"device":"phone","rank":3,"gift":true,"coupon":null}' });
  expect(properties).toEqual({ device: 'phone', rank: 3, gift: true });
});

test('a property may have any name, and none changes the object it is kept in', () => {
  const properties = firstEvent({ properties: '{"__proto__":"x"}' }).properties!;
  expect(Object.keys(properties)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
});

describe('refused, with the member, what was given, and what is allowed', () => {
  test('no events', () => {
    expect(problemOf({ ...call, eventList: [] })).toBe(
      "1 validation error detected: Value [0 members] at 'eventList' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  });

  test('11 events', () => {
    expect(problemOf({ ...call, eventList: Array(11).fill(event) })).toBe(
      "1 validation error detected: Value [11 members] at 'eventList' failed to satisfy constraint: Member must have length less than or equal to 10",
    );
  });

  test('an id of 300 characters, shortened in the message', () => {
    expect(problemWith({ itemId: 'x'.repeat(300) })).toBe(
      `1 validation error detected: Value '${'x'.repeat(40)}...' (300 characters) at 'eventList.1.member.itemId' failed to satisfy constraint: Member must have length less than or equal to 256`,
    );
  });

  test('missing members, all of them in one message', () => {
    expect(problemOf({ eventList: [{}] })).toBe(
      [
        "4 validation errors detected: Value null at 'trackingId' failed to satisfy constraint: Member must not be null",
        "Value null at 'sessionId' failed to satisfy constraint: Member must not be null",
        "Value null at 'eventList.1.member.eventType' failed to satisfy constraint: Member must not be null",
        "Value null at 'eventList.1.member.sentAt' failed to satisfy constraint: Member must not be null",
      ].join('; '),
    );
  });

  test('twenty wrong members: the first ten are spelled out', () => {
    const message = problemOf({ ...call, eventList: Array(10).fill({ ...event, itemId: '', eventType: '' }) });
    expect(message).toMatch(/^20 validation errors detected: /);
    expect(message.split('; ')).toHaveLength(10);
  });

  test.each([
    ['text where JSON belongs', 'device=phone', 'Member must be valid JSON: InvalidSymbol at position 0'],
    ['JSON that ends early', '{"a": 1', 'Member must be valid JSON: CloseBraceExpected at position 7'],
    ['a missing value', '{"a": }', 'Member must be valid JSON: ValueExpected at position 6'],
    ['a list', '[1]', 'Member must be a JSON object, for example {"device": "phone"}, and is [1 member]'],
    ['a nested value', '{"a":{"b":1}}', `Property "a" must be a string, a number or a boolean, and is '{"b":1}'`],
    ['a character that no database keeps', '{"a":"\\u0000"}', 'Member must not contain the character U+0000'],
    ['nothing', '', 'Member must have length greater than or equal to 1'],
    ['too much', `{"a":"${'x'.repeat(1020)}"}`, 'Member must have length less than or equal to 1024'],
  ])('properties: %s', (_, properties, constraint) => {
    const message = problemWith({ properties });
    expect(message).toContain("at 'eventList.1.member.properties' failed to satisfy constraint: ");
    expect(message).toContain(constraint);
  });

  test.each([
    ['sentAt', 'yesterday', 'Member must be a timestamp'],
    ['sentAt', true, 'Member must be a timestamp'],
    ['eventValue', 'much', 'Member must be a number'],
    ['eventType', 7, 'Member must be a string'],
    ['eventType', 'a\0b', 'Member must not contain the character U+0000'],
    ['impression', [], 'Member must have length greater than or equal to 1'],
    ['impression', Array(26).fill('i'), 'Member must have length less than or equal to 25'],
    ['recommendationId', 'x'.repeat(41), 'Member must have length less than or equal to 40'],
  ])('%s: %p', (member, given, constraint) => {
    expect(problemWith({ [member]: given })).toContain(
      `at 'eventList.1.member.${member}' failed to satisfy constraint: ${constraint}`,
    );
  });

  test('an event that is no structure', () => {
    expect(problemOf({ ...call, eventList: ['click'] })).toContain(
      "Value 'click' at 'eventList.1.member' failed to satisfy constraint: Member must be a structure",
    );
  });
});
