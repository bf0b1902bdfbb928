import {
  InvalidInputError,
  InvalidNextTokenError,
  ResourceAlreadyExistsError,
  ResourceInUseError,
  ResourceNotFoundError,
  UnavailableError,
} from '@attune/domain';
import type { HttpServer } from '@attune/service';
import { startControlServer } from './controlServer.fixture';

const errors: Record<string, Error> = {
  'dataset-group/invalid': new InvalidInputError('no such thing can be'),
  'dataset-group/unknown': new ResourceNotFoundError('no such group'),
  'dataset-group/used': new ResourceInUseError('has datasets'),
  'dataset-group/away': new UnavailableError('the database is away', 1.5),
  'dataset-group/defect': new TypeError('secret of the house'),
};

let server: HttpServer;

beforeAll(async () => {
  server = await startControlServer(
    {
      CreateDatasetGroup: async () => {
        throw new ResourceAlreadyExistsError('there is one');
      },
      DeleteDatasetGroup: async ({ datasetGroupArn }) => {
        throw errors[datasetGroupArn.split(':').at(-1)!];
      },
      ListDatasets: async () => {
        throw new ResourceNotFoundError('no such group');
      },
      ListSchemas: async () => {
        throw new InvalidNextTokenError('not a token of this list');
      },
      DescribeSchema: async () => ({ schema: { name: 'clicks', creationDateTime: 1_700_000_000_123 } }),
    },
    {
      bodyLimit: 1000,
      routes: [async (app) => void app.post('/events', async () => Promise.reject(errors['dataset-group/used']))],
    },
  );
});

afterAll(() => server.stop());

function post(operation: string | undefined, body?: string, headers: Record<string, string> = {}) {
  return fetch(`http://127.0.0.1:${server.port}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      ...(operation !== undefined && { 'x-amz-target': operation }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
}

const call = (operation: string, request: object = {}) =>
  post(`AmazonPersonalize.${operation}`, JSON.stringify(request));

/** What clients read from an error; the header and the body must agree. */
async function errorOf(answer: Promise<Response>) {
  const response = await answer;
  const { __type, message } = (await response.json()) as { __type: string; message: string };
  expect(response.headers.get('x-amzn-errortype')).toBe(__type);
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  return { status: response.status, type: __type, message };
}

const schemaArn = 'arn:aws:personalize:us-east-1:000000000000:schema/clicks';
const groupArn = (name: string) => `arn:aws:personalize:us-east-1:000000000000:dataset-group/${name}`;

test('an answer is JSON 1.1, its times in seconds with milliseconds behind the point', async () => {
  const response = await call('DescribeSchema', { schemaArn });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(await response.json()).toEqual({ schema: { name: 'clicks', creationDateTime: 1_700_000_000.123 } });
});

test('an operation without anything to say answers with an empty object', async () => {
  expect(await (await call('DeleteSchema', { schemaArn })).text()).toBe('{}');
});

test('no body counts as an empty object', async () => {
  expect((await post('AmazonPersonalize.ListDatasetGroups')).status).toBe(200);
  expect((await post('AmazonPersonalize.ListDatasetGroups', '')).status).toBe(200);
});

test('members that the operation does not have are passed over', async () => {
  expect((await call('DescribeSchema', { schemaArn, colour: 'blue' })).status).toBe(200);
});

test('plain application/json will do', async () => {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  expect((await post('AmazonPersonalize.ListSchemas', '{"maxResults":0}', type)).status).toBe(400);
  expect((await post('AmazonPersonalize.ListRecipes', '{}', type)).status).toBe(200);
});

test('metrics tell the operations apart, and count what is none as unknown', async () => {
  await call('ListRecipes');
  await call('TakeOver');
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const count = (route: string, status: number) =>
    `attune_http_request_duration_seconds_count{method="POST",route="${route}",status="${status}"} `;
  expect(metrics).toContain(count('ListRecipes', 200));
  expect(metrics).toContain(count('unknown', 400));
  expect(metrics).not.toMatch(/route="(\/|TakeOver)"/);
});

test.each([
  ['invalid', 400, 'InvalidInputException', 'no such thing can be'],
  ['unknown', 400, 'ResourceNotFoundException', 'no such group'],
  ['used', 400, 'ResourceInUseException', 'has datasets'],
  ['away', 503, 'ServiceUnavailable', 'the database is away'],
  ['defect', 500, 'InternalFailure', 'Internal error. The server log has the particulars.'],
])('a failing operation: %s', async (name, status, type, message) => {
  expect(await errorOf(call('DeleteDatasetGroup', { datasetGroupArn: groupArn(name) }))).toEqual({
    status,
    type,
    message,
  });
});

test('where trying again helps, the answer says when', async () => {
  const response = await call('DeleteDatasetGroup', { datasetGroupArn: groupArn('away') });
  expect(response.headers.get('retry-after')).toBe('2');
});

test('errors of an operation keep its types', async () => {
  expect(await errorOf(call('CreateDatasetGroup', { name: 'shop' }))).toMatchObject({
    status: 400,
    type: 'ResourceAlreadyExistsException',
  });
  expect(await errorOf(call('ListSchemas'))).toMatchObject({ status: 400, type: 'InvalidNextTokenException' });
});

test('an error that the operation does not have becomes an invalid input', async () => {
  expect(await errorOf(call('ListDatasets', { datasetGroupArn: groupArn('none') }))).toEqual({
    status: 400,
    type: 'InvalidInputException',
    message: 'no such group',
  });
});

test('the other protocol on the same server has its own form of the same error', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(409);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
});

describe('refused before any operation', () => {
  test.each([
    ['no target', undefined, 'The header X-Amz-Target is missing'],
    ['an unknown operation', 'AmazonPersonalize.MakeCoffee', 'There is no operation "AmazonPersonalize.MakeCoffee"'],
    ['another service', 'DynamoDB_20120810.ListTables', 'There is no operation "DynamoDB_20120810.ListTables"'],
    ['a name that every object has', 'AmazonPersonalize.constructor', 'There is no operation'],
    ['the prefix alone', 'AmazonPersonalize.', 'There is no operation'],
  ])('%s', async (_, target, message) => {
    expect(await errorOf(post(target, '{}'))).toEqual({
      status: 400,
      type: 'UnknownOperationException',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['broken JSON', '{"name":', 'The request body is not valid JSON: ValueExpected at position 8.'],
    ['JSON that is no object', '["name"]', 'The request body must be a JSON object.'],
    [
      'JSON that never closes',
      '['.repeat(900),
      'The request body is not valid JSON: CloseBracketExpected at position 900.',
    ],
  ])('%s', async (_, body, message) => {
    expect(await errorOf(post('AmazonPersonalize.CreateSchema', body))).toEqual({
      status: 400,
      type: 'SerializationException',
      message,
    });
  });

  test('another content type', async () => {
    const answer = post('AmazonPersonalize.CreateSchema', 'a=1', { 'content-type': 'text/xml' });
    expect(await errorOf(answer)).toEqual({
      status: 400,
      type: 'SerializationException',
      message: 'The content type must be application/x-amz-json-1.1, and is "text/xml".',
    });
  });

  test('no content type at all', async () => {
    const answer = fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body: new Uint8Array([123, 125]) });
    expect(await errorOf(answer)).toMatchObject({
      type: 'SerializationException',
      message: 'The content type must be application/x-amz-json-1.1, and is missing.',
    });
  });

  test('a content type that is none', async () => {
    const answer = post('AmazonPersonalize.CreateSchema', '{}', { 'content-type': 'nonsense' });
    expect(await errorOf(answer)).toMatchObject({ status: 400, type: 'SerializationException' });
  });

  test('a body over the limit', async () => {
    expect(await errorOf(call('CreateSchema', { schema: 'x'.repeat(2000) }))).toEqual({
      status: 413,
      type: 'RequestEntityTooLargeException',
      message: 'The request body is too large: at most 1000 bytes are taken.',
    });
  });
});
