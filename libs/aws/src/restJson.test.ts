import { InvalidInputError, NotReadyError, ResourceNotFoundError, UnavailableError } from '@attune/domain';
import { createLogger, type HttpServer, Registry, startHttpServer } from '@attune/service';
import { speakRestJson } from './restJson';

const logger = createLogger({ service: 'test', level: 'silent' });
const errors: Record<string, Error> = {
  invalid: new InvalidInputError('size must be positive'),
  unknown: new ResourceNotFoundError('no such campaign'),
  early: new NotReadyError('not trained'),
  away: new UnavailableError('the bus is away', 1.5),
  defect: new TypeError('secret of the house'),
};

let server: HttpServer;

beforeAll(async () => {
  server = await startHttpServer({
    port: 0,
    logger,
    metrics: new Registry(),
    configure: speakRestJson,
    routes: [
      async (app) => {
        app.post('/echo', async (request) => request.body ?? {});
        app.post<{ Params: { name: string } }>('/fail/:name', async (request) => {
          throw errors[request.params.name];
        });
      },
    ],
    health: async () => ({ missing: [] }),
    bodyLimit: 100,
  });
});

afterAll(() => server.stop());

function post(path: string, body?: string, contentType = 'application/json'): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    ...(body !== undefined && { body }),
  });
}

/** What boto3 reads from an error: the code from the header, before ':' and after '#', and the body's message. */
async function awsErrorOf(response: Response) {
  const { message } = (await response.json()) as { message: string };
  const code = response.headers.get('x-amzn-errortype')!.split(':')[0]!.split('#').at(-1);
  return { status: response.status, code, message };
}

test('a JSON body reaches the route', async () => {
  const response = await post('/echo', '{"a":1}', 'application/json; charset=utf-8');
  expect(await response.json()).toEqual({ a: 1 });
});

test('no body counts as an empty object', async () => {
  expect(await (await post('/echo', '')).json()).toEqual({});
});

test('every answer names its request', async () => {
  const ids = await Promise.all(
    ['/echo', '/nowhere'].map(async (path) => (await post(path, '{}')).headers.get('x-amzn-requestid')),
  );
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(ids).size).toBe(2);
});

test.each([
  ['invalid', 400, 'InvalidInputException', 'size must be positive'],
  ['unknown', 404, 'ResourceNotFoundException', 'no such campaign'],
  ['early', 400, 'InvalidInputException', 'not trained'],
  ['away', 503, 'ServiceUnavailable', 'the bus is away'],
])('an error for the caller has its AWS type and its message: %s', async (name, status, code, message) => {
  expect(await awsErrorOf(await post(`/fail/${name}`, '{}'))).toEqual({ status, code, message });
});

test('where trying again helps, the answer says when', async () => {
  expect((await post('/fail/away', '{}')).headers.get('retry-after')).toBe('2');
});

test('a defect says nothing of our insides', async () => {
  expect(await awsErrorOf(await post('/fail/defect', '{}'))).toEqual({
    status: 500,
    code: 'InternalFailure',
    message: 'Internal error. The server log has the particulars.',
  });
});

test.each([
  [
    'broken JSON',
    '{"a":',
    400,
    'SerializationException',
    'The request body is not valid JSON: ValueExpected at position 5.',
  ],
  ['JSON that is no object', '[1]', 400, 'SerializationException', 'The request body must be a JSON object.'],
  [
    'a body over the limit',
    `"${'x'.repeat(200)}"`,
    413,
    'RequestEntityTooLargeException',
    'The request body is too large: at most 100 bytes are taken.',
  ],
])('%s', async (_, body, status, code, message) => {
  expect(await awsErrorOf(await post('/echo', body))).toEqual({ status, code, message });
});

test('another content type', async () => {
  expect(await awsErrorOf(await post('/echo', 'a=1', 'application/x-www-form-urlencoded'))).toMatchObject({
    status: 415,
    code: 'UnsupportedMediaTypeException',
  });
});

test('a route that is not there', async () => {
  expect(await awsErrorOf(await post('/action-interactions', '{}'))).toEqual({
    status: 404,
    code: 'UnknownOperationException',
    message: 'There is no operation POST /action-interactions.',
  });
});
