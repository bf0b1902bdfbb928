import {
  EventsServiceService,
  ExplainRecommendationRequest,
  GetPersonalizedRankingRequest,
  GetRecommendationsRequest,
  GetTrainingProgressRequest,
  PutEventsRequest,
  RecommendationsServiceService,
  TrainingServiceService,
} from '@attune/proto';
import fc from 'fast-check';

/** One gRPC request as bytes, and what is wrong with it, for the report of a failure. */
export interface GrpcRequest {
  /** `/package.Service/Method` */
  path: string;
  streamed: boolean;
  message: Buffer;
  what: string;
}

/** What is there: the broken field is then the only thing wrong. */
export interface Existing {
  trackingId: string;
  campaignArn: string;
  solutionVersionArn: string;
}

interface Message<Fields> {
  fromPartial(fields: Fields): Fields;
  encode(message: Fields): { finish(): Uint8Array };
}

/** A method with a request that it takes, and for each field what it must refuse. */
interface Method<Fields = never> {
  path: string;
  streamed?: boolean;
  message: Message<Fields>;
  good: Fields;
  wrong: { [Field in keyof Fields]?: fc.Arbitrary<unknown> };
}

const LONG = 'x'.repeat(257);
const HOSTILE_TEXT = ['a\0b', LONG, 'x'.repeat(200_000)];

const wrongId = fc.constantFrom(...HOSTILE_TEXT);
const wrongColumns = fc.constantFrom([''], ['NO_SUCH_COLUMN'], ['__proto__'], Array(1_000).fill('TITLE'));

function wrongArn(type: string): fc.Arbitrary<string> {
  const forms = (name: string) => [
    `arn:aws:personalize:us-east-1:000000000000:${type}/${name}`,
    `arn:aws:personalize:eu-west-1:000000000000:${type}/${name}`,
    `arn:aws:personalize:us-east-1:999999999999:${type}/${name}`,
    `arn:aws:personalize:us-east-1:000000000000:schema/${name}`,
    `${name}`,
  ];
  const name = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.constantFrom('..', 'no-such'));
  return fc.oneof(
    name.chain((each) => fc.constantFrom(...forms(each))),
    fc.constantFrom('', `arn:aws:personalize:${':'.repeat(100_000)}\n`, ...HOSTILE_TEXT),
  );
}

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

const goodEvent = { eventType: 'click', itemId: 'i1', sentAt: new Date(1_700_000_000_000) };

const wrongEvent = fc
  .oneof(
    fc.constantFrom('', ...HOSTILE_TEXT).map((eventType) => ({ eventType })),
    wrongId.map((itemId) => ({ itemId })),
    wrongId.map((eventId) => ({ eventId })),
    fc.constantFrom(Number.NaN, Infinity, -Infinity).map((eventValue) => ({ eventValue })),
    fc.constantFrom('x'.repeat(41), ...HOSTILE_TEXT).map((recommendationId) => ({ recommendationId })),
    fc.constantFrom([''], [LONG], Array(26).fill('i1'), Array(5_000).fill('i1')).map((impression) => ({ impression })),
    fc.constantFrom(undefined, new Date(-1), new Date(8.64e15)).map((sentAt) => ({ sentAt })),
    fc
      .constantFrom(nested(2), nested(90), { a: 'x'.repeat(100_000) }, { a: [[[]]] })
      .map((properties) => ({ properties })),
  )
  .map((broken) => ({ ...goodEvent, ...broken }));

function methods({ trackingId, campaignArn, solutionVersionArn }: Existing): Method[] {
  const putEvents = {
    message: PutEventsRequest as unknown as Message<object>,
    good: { trackingId, userId: 'u1', sessionId: 's1', events: [goodEvent] },
    wrong: {
      trackingId: fc.constantFrom('', 'no-such-tracker', '\u{1F600}', ...HOSTILE_TEXT),
      userId: wrongId,
      sessionId: fc.constantFrom('', ...HOSTILE_TEXT),
      events: fc.oneof(
        fc.constantFrom([], Array(11).fill(goodEvent)),
        wrongEvent.map((event) => [event]),
        wrongEvent.map((event) => [goodEvent, event, goodEvent]),
      ),
    },
  };
  const { putEvents: unary, streamEvents } = EventsServiceService;
  const { getRecommendations, getPersonalizedRanking, explainRecommendation } = RecommendationsServiceService;
  return [
    { ...putEvents, path: unary.path },
    { ...putEvents, path: streamEvents.path, streamed: true },
    {
      path: getRecommendations.path,
      message: GetRecommendationsRequest as unknown as Message<object>,
      good: { campaignArn, userId: 'u1', numResults: 5 },
      wrong: {
        campaignArn: wrongArn('campaign'),
        userId: wrongId,
        numResults: fc.oneof(fc.integer({ min: 501, max: 2 ** 31 - 1 }), fc.integer({ min: -(2 ** 31), max: -1 })),
        metadataColumns: wrongColumns,
      },
    },
    {
      path: getPersonalizedRanking.path,
      message: GetPersonalizedRankingRequest as unknown as Message<object>,
      good: { campaignArn, userId: 'u1', itemIds: ['i1', 'i2'] },
      wrong: {
        campaignArn: wrongArn('campaign'),
        userId: fc.constantFrom('', ...HOSTILE_TEXT),
        itemIds: fc.constantFrom(
          [],
          ['i1', 'i1'],
          [LONG],
          ['a\0b'],
          Array.from({ length: 501 }, (_, n) => `i${n}`),
        ),
        metadataColumns: wrongColumns,
      },
    },
    {
      path: explainRecommendation.path,
      message: ExplainRecommendationRequest as unknown as Message<object>,
      good: { campaignArn, userId: 'u1', itemId: 'i1' },
      wrong: {
        campaignArn: wrongArn('campaign'),
        userId: wrongId,
        itemId: fc.constantFrom('', 'no such item', ...HOSTILE_TEXT),
      },
    },
    ...Object.values(TrainingServiceService).map(({ path }) => ({
      path,
      message: GetTrainingProgressRequest as unknown as Message<object>,
      good: { solutionVersionArn },
      wrong: { solutionVersionArn: wrongArn('solution') },
    })),
  ] as Method[];
}

/** Messages that must be refused: a good one with one wrong field, or bytes that are no message at all. */
export function brokenMessages(existing: Existing): fc.Arbitrary<GrpcRequest> {
  return fc
    .oneof(
      ...methods(existing).map(({ path, streamed = false, message, good, wrong }) => {
        const encode = (fields: object) => Buffer.from(message.encode(message.fromPartial(fields as never)).finish());
        const fields = Object.entries<fc.Arbitrary<unknown>>(wrong).map(([field, values]) =>
          values.map((value) => ({
            what: `${path} ${field}`,
            message: encode({ ...(good as object), [field]: value }),
          })),
        );
        const bytes = encode(good);
        // One byte: a longer cut may end between two fields, and leave a message.
        const cut = fc.constant({ what: `${path} cut off`, message: bytes.subarray(0, -1) });
        // Field number 0, which no message has; a group that never ends.
        const nonsense = fc.constantFrom([0x00], [0x0b], Array(50_000).fill(0x0b)).map((start) => ({
          what: `${path} no message`,
          message: Buffer.from(start),
        }));
        return fc
          .oneof(...fields.map((arbitrary) => ({ weight: 4, arbitrary })), cut, nonsense)
          .map((request) => ({ path, streamed, ...request }));
      }),
    )
    .map((request) =>
      Object.assign(request, {
        [fc.toStringMethod]: () => `${request.what}: ${request.message.subarray(0, 300).toString('latin1')}`,
      }),
    );
}
