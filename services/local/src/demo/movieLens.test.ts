import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadMovieLens, toInteractionsCsv, toItemsCsv } from './movieLens';

let folder: string;
let server: Server;
let answer: { status: number; body: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-movielens-'));
  server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** Asks a server of this test's in the publisher's place. */
const fetcher: typeof fetch = (_url, options) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, options);

test('what has another checksum is refused, and nothing is kept of it', async () => {
  answer = { status: 200, body: 'not the archive' };
  expect(await downloadMovieLens(folder, fetcher)).toEqual({ reason: expect.stringContaining('checksum') });
  expect(await readdir(folder)).toEqual([]);
});

test('an error of the publisher, or no answer at all, is a reason', async () => {
  answer = { status: 503, body: '' };
  expect(await downloadMovieLens(folder, fetcher)).toEqual({ reason: 'its publisher answers 503' });
  const unreachable: typeof fetch = (_url, options) => fetch('http://127.0.0.1:1/', options);
  expect(await downloadMovieLens(folder, unreachable)).toEqual({
    reason: expect.stringContaining("can't be reached"),
  });
});

test("the publisher's files become CSV in the API's columns", () => {
  expect(
    toItemsCsv('movieId,title,genres\n1,"American President, The (1995)",Comedy|Drama\n2,Odd,(no genres listed)\n'),
  ).toBe('ITEM_ID,TITLE,GENRES\n1,"American President, The (1995)",Comedy|Drama\n2,Odd,\n');
  expect(toInteractionsCsv('userId,movieId,rating,timestamp\n2,7,3.0,5\n1,9,4.5,20\n1,8,4.0,10\n')).toBe(
    'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n1,8,10,rating,4.0\n1,9,20,rating,4.5\n2,7,5,rating,3.0\n',
  );
});
