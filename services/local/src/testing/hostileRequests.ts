import { controlOperations, eventsOperations, runtimeOperations } from '@attune/aws';
import { badRequests, requestSchema, type Samples, validRequests } from '@attune/testing';
import fc from 'fast-check';

/** One HTTP request, and what is wrong with it, for the report of a failure. */
export interface HttpRequest {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  what: string;
}

type Shape = Parameters<typeof requestSchema>[0];

/** An operation as it is called over HTTP. */
export interface HttpOperation {
  name: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  input: Shape;
}

export const CONTROL_OPERATIONS: readonly HttpOperation[] = Object.entries(controlOperations).map(
  ([name, { input }]) => ({
    name,
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonPersonalize.${name}` },
    input,
  }),
);
export const EVENTS_OPERATIONS = restOperations(eventsOperations);
export const RUNTIME_OPERATIONS = restOperations(runtimeOperations);

function restOperations(operations: Record<string, { path: string; input: Shape }>): readonly HttpOperation[] {
  const headers = { 'content-type': 'application/json' };
  return Object.entries(operations).map(([name, { path, input }]) => ({ name, path, headers, input }));
}

/** Requests that break the shape of their operation. */
export function brokenRequests(operations: readonly HttpOperation[], samples: Samples): fc.Arbitrary<HttpRequest> {
  return requestsTo(operations, ({ input }) => badRequests(requestSchema(input), samples));
}

/** Requests that keep to the shape of their operation, and may mean nonsense. */
export function wellFormedRequests(operations: readonly HttpOperation[], samples: Samples): fc.Arbitrary<HttpRequest> {
  return requestsTo(operations, ({ input }) =>
    validRequests(requestSchema(input), samples).map((request) => ({
      what: 'keeps to the shape',
      body: JSON.stringify(request),
    })),
  );
}

function requestsTo(
  operations: readonly HttpOperation[],
  bodies: (operation: HttpOperation) => fc.Arbitrary<{ what: string; body: string }>,
): fc.Arbitrary<HttpRequest> {
  return fc
    .oneof(
      ...operations.map((operation) =>
        bodies(operation).map(({ what, body }) => ({ ...operation, what: `${operation.name}: ${what}`, body })),
      ),
    )
    .map((request) =>
      Object.assign(request, { [fc.toStringMethod]: () => `${request.what}: ${request.body.slice(0, 500)}` }),
    );
}

const ARN = 'arn:aws:personalize:us-east-1:000000000000';

/** Mostly one, so that requests meet: what one creates another finds, changes, deletes, or is refused for. */
const NAME = 'shop';
const USUAL = 6;

function mostly(usual: fc.Arbitrary<string>, strange: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: USUAL, arbitrary: usual }, strange);
}

function arns(type: string): fc.Arbitrary<string> {
  const strange = fc.constantFrom(
    `${ARN}:${type}/a`,
    `${ARN}:${type}/a/b`,
    `${ARN}:${type}/..`,
    `${ARN}:${type}/\u{1F600}`,
    `arn:aws:personalize:eu-west-1:000000000000:${type}/shop`,
    `arn:aws:personalize:us-east-1:999999999999:${type}/shop`,
    `arn:aws:personalize:::${type}/`,
    `${ARN}:nonsense/shop`,
  );
  return mostly(fc.constant(`${ARN}:${type}/${NAME}`), strange);
}

const names = mostly(fc.constant(NAME), fc.constantFrom('films', 'a'));

/** Values that no pattern forbids, where a server has most to do with them. */
export const HOSTILE_SAMPLES: Samples = {
  name: names,
  jobName: names,
  datasetGroupArn: arns('dataset-group'),
  schemaArn: arns('schema'),
  solutionArn: arns('solution'),
  campaignArn: arns('campaign'),
  eventTrackerArn: arns('event-tracker'),
  datasetArn: mostly(
    fc.constantFrom(...['INTERACTIONS', 'ITEMS', 'USERS'].map((kind) => `${ARN}:dataset/${NAME}/${kind}`)),
    arns('dataset'),
  ),
  datasetImportJobArn: arns('dataset-import-job'),
  datasetExportJobArn: arns('dataset-export-job'),
  dataDeletionJobArn: arns('data-deletion-job'),
  datasetType: mostly(fc.constantFrom('Interactions', 'Items', 'USERS'), fc.constantFrom('Actions', '-')),
  solutionVersionArn: fc.constantFrom(
    `${ARN}:solution/shop/0badcafe`,
    `${ARN}:solution/shop/$LATEST`,
    `${ARN}:solution/shop`,
  ),
  resourceArn: fc.oneof(arns('dataset-group'), arns('solution'), arns('nonsense')),
  recipeArn: mostly(
    fc.constant('arn:aws:personalize:::recipe/aws-user-personalization'),
    fc.constant(`${ARN}:recipe/shop`),
  ),
  itemExplorationConfig: fc.constantFrom({}, { explorationWeight: '0.3' }, { explorationWeight: '1e999' }, { '': '' }),
  rankingInfluence: fc.constantFrom({}, { POPULARITY: 0 }, { FRESHNESS: 1 }),
  schema: mostly(
    fc.constantFrom(...['Interactions', 'Items', 'Users'].map(schemaOf)),
    fc.oneof(
      fc.constant('['.repeat(20_000)),
      fc.constant(`{"type":"record","name":"Items","fields":${'['.repeat(9_000)}${']'.repeat(9_000)}}`),
      fc.json({ maxDepth: 3 }),
    ),
  ),
  nextToken: fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('["ListSchemas","",1e300,"a"]', '["ListSchemas","",9007199254740991,"a"]').map(base64),
  ),
  roleArn: fc.constant('arn:aws:iam::000000000000:role/x'),
  kmsKeyArn: fc.constant('arn:aws:kms:x:000000000000:key/a'),
  domain: fc.constant(undefined),
  dataLocation: fc.constantFrom(
    's3://bucket/key.csv',
    's3://bucket/',
    's3://../../etc/passwd',
    's3://bucket/../..',
    '-',
  ),
  path: fc.constantFrom('s3://out/folder/', 's3://../../x', 'http://x'),
  schedulingExpression: fc.constantFrom('rate(1 day)', 'rate(30 days)', 'rate(99999 days)', 'rate(0 days)', '-'),
  trackingId: fc.constantFrom('00000000-0000-0000-0000-000000000000', '-', '\u{1F600}'),
  properties: fc.constantFrom(
    '{}',
    '{"title":"x"}',
    '{"creationTimestamp":1e300}',
    '{"creationTimestamp":9007199254740991}',
    '{"__proto__":{"title":"x"}}',
    '{"constructor":"x","toString":1}',
    '{"\u{1F600}":"\u{1F600}"}',
  ),
};

function schemaOf(name: string): string {
  const columns = { Interactions: ['USER_ID', 'ITEM_ID'], Items: ['ITEM_ID', 'TITLE'], Users: ['USER_ID', 'CITY'] }[
    name
  ]!;
  const fields: object[] = columns.map((column) => ({ name: column, type: 'string' }));
  if (name === 'Interactions') fields.push({ name: 'TIMESTAMP', type: 'long' });
  return JSON.stringify({ type: 'record', name, namespace: 'com.example', version: '1.0', fields });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64url');
}
