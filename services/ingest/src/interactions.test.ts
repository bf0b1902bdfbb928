import { type PutEventsRequest, parseShape, putEventsRequest } from '@attune/aws';
import { datasetGroupName } from '@attune/domain';
import { toInteractions } from './interactions';

const stamp = { datasetGroup: datasetGroupName('shop'), receivedAt: 1_700_000_001_000, newEventId: () => 'new' };

function request(members: object, ...events: object[]): PutEventsRequest {
  const eventList = events.map((event) => ({ eventType: 'click', sentAt: 1_700_000_000, ...event }));
  return parseShape(putEventsRequest, { trackingId: 't', sessionId: 's', eventList, ...members });
}

test('every member of an event comes through', () => {
  const event = {
    eventId: 'e',
    eventType: 'watch',
    eventValue: 0.5,
    itemId: 'i',
    sentAt: 1_700_000_000.5,
    recommendationId: 'RID-1',
    impression: ['i', 'j'],
    properties: '{"device":"phone"}',
  };
  expect(toInteractions(request({ userId: 'u' }, event), stamp)).toEqual([
    {
      datasetGroup: 'shop',
      eventId: 'e',
      userId: 'u',
      sessionId: 's',
      eventType: 'watch',
      eventValue: 0.5,
      itemId: 'i',
      timestamp: 1_700_000_000_500,
      receivedAt: 1_700_000_001_000,
      recommendationId: 'RID-1',
      impression: ['i', 'j'],
      properties: { device: 'phone' },
    },
  ]);
});

test('what is absent stays absent, and an event without an id gets one', () => {
  expect(toInteractions(request({}, {}), stamp)).toEqual([
    {
      datasetGroup: 'shop',
      eventId: 'new',
      sessionId: 's',
      eventType: 'click',
      timestamp: 1_700_000_000_000,
      receivedAt: 1_700_000_001_000,
    },
  ]);
});

test('an event id that comes twice in a call is taken the first time', () => {
  const interactions = toInteractions(
    request({}, { eventId: 'a', itemId: '1' }, { eventId: 'b', itemId: '2' }, { eventId: 'a', itemId: '3' }),
    stamp,
  );
  expect(interactions.map(({ eventId, itemId }) => [eventId, itemId])).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
});
