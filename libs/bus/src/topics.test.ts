import {
  datasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  type Slate,
  sessionId,
  userId,
} from '@attune/domain';
import {
  CatalogNotice,
  type DatasetKind,
  Interaction as InteractionMessage,
  Slate as SlateMessage,
} from '@attune/proto';
import { MAX_MESSAGE_BYTES } from './bus';
import { fitDeadLetter } from './deadLettersTopic';
import type { Topic } from './topic';
import { topics } from './topics';

const datasetGroup = datasetGroupName('films');

const interaction: Interaction = {
  datasetGroup,
  eventId: eventId('event-1'),
  userId: userId('ada'),
  sessionId: sessionId('visit'),
  eventType: 'click',
  eventValue: 0,
  itemId: itemId('film-1'),
  timestamp: 1_700_000_000_123,
  receivedAt: 1_700_000_000_456,
  recommendationId: recommendationId('list-1'),
  impression: ['film-1', 'film-2'].map(itemId),
  properties: { device: 'tv', volume: 0.5, muted: false },
};

const anonymous: Interaction = {
  datasetGroup,
  eventId: eventId('event-2'),
  sessionId: sessionId('visit'),
  eventType: 'search',
  timestamp: 1,
  receivedAt: 2,
};

const slate: Slate = {
  datasetGroup,
  recommendationId: recommendationId('list-1'),
  campaignArn: 'arn:campaign',
  solutionVersionArn: 'arn:version',
  userId: userId('ada'),
  servedAt: 1_700_000_000_123,
  kind: 'recommendations',
  policy: {
    version: 'rule-2',
    explorationWeight: 0.3,
    explorationItemAgeCutOff: 30.5,
    seed: 'seed',
    exposureImpressions: 100,
    exposureHours: 48,
  },
  relevant: [{ itemId: itemId('film-1'), score: 0.25 }],
  pool: [
    { itemId: itemId('film-9'), score: 0.01, weight: 1.7, ageDays: 0, impressions: 2.5, clicks: 0.5 },
    { itemId: itemId('film-8'), score: 0, weight: 1, impressions: 0, clicks: 0 },
  ],
  poolEligible: 7,
  clickRate: 0.04,
  slots: [
    { itemId: itemId('film-1'), score: 0.25, propensity: 0.7, explored: false },
    { itemId: itemId('film-9'), score: 0.01, propensity: 0.189, explored: true },
  ],
  context: { DEVICE: 'tv' },
  degraded: true,
};

const { userId: _, context: __, ...slateForNobody } = slate;

describe('Values keep their form through their topics', () => {
  const keepsItsForm = <Value>(name: string, topic: Topic<Value>, value: Value) =>
    test(name, () => expect(topic.decode(topic.encode(value))).toEqual(value));

  keepsItsForm('an interaction', topics.interactions, interaction);
  keepsItsForm("an anonymous visitor's interaction without an item", topics.interactions, anonymous);
  keepsItsForm('a slate', topics.slates, slate);
  keepsItsForm('a slate for nobody', topics.slates, slateForNobody);
  for (const kind of ['interactions', 'items', 'users'] as const) {
    keepsItsForm(`a catalog notice of ${kind}`, topics.catalog, { datasetGroup, kind, changedAt: 1_700_000_000_123 });
  }
  keepsItsForm('a model notice', topics.models, {
    datasetGroup,
    solutionVersionArn: 'arn:version',
    artifactUri: 's3://attune/models/1',
    trainedAt: 1_700_000_000_123,
  });
  keepsItsForm('a dead letter', topics.deadLetters, {
    topic: 'interactions',
    partition: 3,
    offset: 7,
    key: 'ada',
    value: new Uint8Array([0, 255]),
    reason: 'why',
  });
});

test('a slate from before there was exploration can still be read', () => {
  const whole = SlateMessage.decode(topics.slates.encode(slate));
  const { explorationWeight, explorationItemAgeCutOffDays, seed } = whole.policy!;
  const old = {
    ...whole,
    kind: 0,
    policy: { explorationWeight, explorationItemAgeCutOffDays, seed },
    slots: [{ itemId: 'film-1', score: 0.25, propensity: 1 }],
    relevant: [],
    pool: [],
    context: {},
  };
  expect(topics.slates.decode(SlateMessage.encode(SlateMessage.fromPartial(old)).finish())).toMatchObject({
    kind: 'recommendations',
    policy: { version: 'relevance', explorationWeight: 0.3, seed: 'seed', exposureImpressions: 0 },
    relevant: [],
    pool: [],
    slots: [{ itemId: 'film-1', score: 0.25, propensity: 1, explored: false }],
  });
});

test('the clickstream keeps its bytes as they came, whatever they are', () => {
  const bytes = Uint8Array.of(0, 255, 123);
  expect(topics.clickstream.decode(topics.clickstream.encode(bytes))).toEqual(bytes);
});

describe('What is no value of a topic is refused', () => {
  const garbage = Uint8Array.from({ length: 64 }, (_, index) => 255 - index);
  const { clickstream: _, ...protoTopics } = topics;
  test.each(Object.entries(protoTopics))('%s: garbage and nothing', (_name, topic) => {
    expect(() => topic.decode(garbage)).toThrow();
    expect(() => topic.decode(new Uint8Array())).toThrow('is missing');
  });

  const message = (change: Partial<InteractionMessage>) => {
    const whole = InteractionMessage.decode(topics.interactions.encode(interaction));
    return InteractionMessage.encode({ ...whole, ...change }).finish();
  };
  test.each([
    [{ eventId: '' }, 'The message is no Interaction: event_id is missing.'],
    [{ timestampMs: 0 }, 'The message is no Interaction: timestamp_ms is missing.'],
    [{ itemId: 'x'.repeat(257) }, "The interaction's itemId has 257 characters. The most is 256."],
    [{ timestampMs: 8.64e15 }, "The interaction's timestampMs is 8640000000000000, which lies after the year 2099."],
    [{ itemId: 'film\0' }, 'The interaction holds the character U+0000'],
    [{ properties: { device: 'tv\0' } }, 'The interaction holds the character U+0000'],
    [
      { properties: { device: { deep: 1 } } },
      'properties.device is {"deep":1}. Expected a string, a number or a boolean.',
    ],
    [{ properties: { device: null } }, 'properties.device is null.'],
  ])('an interaction with %j', (change, reason) => {
    expect(() => topics.interactions.decode(message(change))).toThrow(reason);
  });

  test('a catalog notice of a kind that is new to this version', () => {
    const bytes = CatalogNotice.encode({ datasetGroup, kind: 9 as DatasetKind, changedMs: 1 }).finish();
    expect(() => topics.catalog.decode(bytes)).toThrow('The kind 9 of a CatalogNotice is unknown to this version.');
  });
});

test('a dead letter fits into one message, however long its key, value and reason', () => {
  const letter = {
    topic: 'interactions',
    partition: 3,
    offset: 7,
    key: '\u4e00'.repeat(300_000),
    value: new Uint8Array(1_048_000),
    reason: '\u4e00'.repeat(300_000),
  };
  const { key, value } = { key: fitDeadLetter(letter).key, value: topics.deadLetters.encode(fitDeadLetter(letter)) };
  expect(Buffer.byteLength(key) + value.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expect(topics.deadLetters.decode(value).reason).toMatch(/\.\.\. \(300000 characters\) The message had 1048000 bytes/);
});
