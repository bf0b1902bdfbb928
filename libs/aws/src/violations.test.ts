import { fieldPath, memberPath, ShapeError } from './violations';

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
