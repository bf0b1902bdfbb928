import { z } from 'zod';
import { jsonProblem } from './jsonPosition';
import { fieldPath, memberPath, parseShape, ShapeError, shown } from './violations';

test('a path as AWS writes it counts list members from 1', () => {
  expect(memberPath(['eventList', 0, 'itemId'])).toBe('eventList.1.member.itemId');
});

test('a path as proto writes it counts from 0, in snake case, with fields that have another name', () => {
  expect(fieldPath(['eventList', 0, 'itemId'], { eventList: 'events' })).toBe('events[0].item_id');
  expect(fieldPath(['campaignArn'])).toBe('campaign_arn');
});

test('an error can be written anew for another protocol', () => {
  const error = new ShapeError([{ path: ['trackingId'], given: undefined, constraint: 'Member must not be null' }]);
  expect(new ShapeError(error.violations, fieldPath).message).toBe(
    "1 validation error detected: Value null at 'tracking_id' failed to satisfy constraint: Member must not be null",
  );
});

test('what was given is shown in a few words, however long or deep it is', () => {
  expect(shown('x'.repeat(1000))).toBe(`'${'x'.repeat(40)}...' (1000 characters)`);
  expect(shown({ a: 1 })).toBe(`'{"a":1}'`);
  expect(shown(JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`))).toBe(
    'a value nested deeper than 100 levels',
  );
});

test('a path of long names is shortened', () => {
  expect(memberPath(['tags', 'x'.repeat(1000)])).toBe(`tags.${'x'.repeat(40)}...`);
});

describe('A text of 100,000 levels', () => {
  const open = '['.repeat(100_000);
  const close = ']'.repeat(100_000);

  test('is refused as a request', () => {
    const request = { list: JSON.parse(open + close) };
    expect(() => parseShape(z.unknown(), request)).toThrow('The request must not be nested deeper than 100 levels.');
  });

  test('is refused with a null at every level', () => {
    const request = JSON.parse(`${'{"none":null,"next":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(() => parseShape(z.unknown(), request)).toThrow('The request must not be nested deeper than 100 levels.');
  });

  test('is refused as broken JSON', () => {
    expect(jsonProblem(open)).toBe('nested too deeply to say where');
  });
});
