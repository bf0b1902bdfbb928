import { type ArnKind, builtInArn, parseArn, recipeArn, requireArn, resourceArn } from './arn';

const scope = { region: 'eu-west-1', accountId: '123456789012' };

test('an ARN is taken apart into what it was made of', () => {
  expect(parseArn(resourceArn(scope, 'solution', 'shop/0badcafe'))).toEqual({
    ...scope,
    type: 'solution',
    name: 'shop/0badcafe',
  });
});

test.each<[ArnKind, string, string]>([
  ['campaign', resourceArn(scope, 'campaign', 'front-page'), 'front-page'],
  ['dataset', resourceArn(scope, 'dataset', 'shop/ITEMS'), 'shop/ITEMS'],
  ['solution', resourceArn(scope, 'solution', 'shop'), 'shop'],
  ['solution-version', resourceArn(scope, 'solution', 'shop/0badcafe'), 'shop/0badcafe'],
  ['solution-version', resourceArn(scope, 'solution', 'shop/$LATEST'), 'shop/$LATEST'],
  ['recipe', recipeArn('aws-user-personalization'), 'aws-user-personalization'],
  ['algorithm', builtInArn('algorithm', 'aws-user-personalization'), 'aws-user-personalization'],
])('the name in the ARN of a %s', (kind, arn, name) => {
  expect(requireArn(scope, kind, arn)).toBe(name);
});

test.each<[string, ArnKind, string, string]>([
  [
    'no ARN at all',
    'campaign',
    'front-page',
    '"front-page" is not an ARN of this service. Expected arn:aws:personalize:REGION:ACCOUNT:TYPE/NAME.',
  ],
  [
    'another service',
    'campaign',
    'arn:aws:s3:::bucket/key',
    '"arn:aws:s3:::bucket/key" is not an ARN of this service.',
  ],
  ['a type that there is not', 'campaign', 'arn:aws:personalize:eu-west-1:123456789012:teapot/t', 'is not an ARN'],
  ['a dataset without its type', 'dataset', resourceArn(scope, 'dataset', 'shop'), 'dataset/DATASET-GROUP/TYPE'],
  [
    'another region',
    'campaign',
    resourceArn({ ...scope, region: 'us-east-1' }, 'campaign', 'c'),
    'is of the region "us-east-1". The resources of this server are of the region "eu-west-1".',
  ],
  [
    'another account',
    'campaign',
    resourceArn({ ...scope, accountId: '000000000000' }, 'campaign', 'c'),
    'is of the account "000000000000". The resources of this server are of the account "123456789012".',
  ],
  [
    'another type',
    'campaign',
    resourceArn(scope, 'dataset-group', 'shop'),
    'names a dataset group, not a campaign. Expected arn:aws:personalize:eu-west-1:123456789012:campaign/NAME.',
  ],
  [
    'a solution for its version',
    'solution-version',
    resourceArn(scope, 'solution', 'shop'),
    'names a solution, not a solution version. Expected arn:aws:personalize:eu-west-1:123456789012:solution/NAME/VERSION.',
  ],
  [
    'a version for its solution',
    'solution',
    resourceArn(scope, 'solution', 'shop/0badcafe'),
    'names a solution version, not a solution.',
  ],
  [
    'a recipe of a region',
    'recipe',
    resourceArn(scope, 'recipe', 'aws-user-personalization'),
    'is of the region "eu-west-1". A recipe belongs to no region: arn:aws:personalize:::recipe/NAME.',
  ],
])('refused: %s', (_, kind, arn, sentence) => {
  expect(() => requireArn(scope, kind, arn)).toThrow(sentence);
});
