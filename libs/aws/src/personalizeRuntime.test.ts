import { getRecommendationsRequest } from './personalizeRuntime';
import { parseShape } from './violations';

const campaignArn = 'arn:aws:personalize:us-east-1:000000000000:campaign/demo';

test('a request with every member is read as it is', () => {
  const filterArn = 'arn:aws:personalize:us-east-1:000000000000:filter/new';
  const request = {
    campaignArn,
    itemId: 'i',
    userId: 'u',
    numResults: 10,
    context: { DEVICE: 'phone' },
    filterArn,
    filterValues: { GENRE: '"Comedy"' },
    recommenderArn: campaignArn,
    promotions: [{ name: 'spring', percentPromotedItems: 20, filterArn, filterValues: {} }],
    metadataColumns: { ITEMS: ['TITLE'] },
  };
  expect(parseShape(getRecommendationsRequest, request)).toEqual(request);
});

test.each([
  [
    { campaignArn: 'demo' },
    `Value 'demo' at 'campaignArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:([a-z\\d-]+):personalize:.*:.*:.+`,
  ],
  [
    { numResults: -1 },
    "Value '-1' at 'numResults' failed to satisfy constraint: Member must have value greater than or equal to 0",
  ],
  [{ numResults: 2.5 }, "Value '2.5' at 'numResults' failed to satisfy constraint: Member must be an integer"],
  [
    { userId: 'x'.repeat(257) },
    "(257 characters) at 'userId' failed to satisfy constraint: Member must have length less than or equal to 256",
  ],
  [
    { context: { 'my device': 'x' } },
    "at 'context.my device' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z\\d_]+]",
  ],
  [
    { metadataColumns: { ITEMS: [], USERS: [] } },
    "at 'metadataColumns' failed to satisfy constraint: Member must have length less than or equal to 1",
  ],
  [
    { promotions: [{}, {}] },
    "Value [2 members] at 'promotions' failed to satisfy constraint: Member must have length less than or equal to 1",
  ],
])('refused: %p', (request, sentence) => {
  expect(() => parseShape(getRecommendationsRequest, request)).toThrow(sentence);
});
