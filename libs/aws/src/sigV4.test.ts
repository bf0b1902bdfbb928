import { createHash, createHmac } from 'node:crypto';
import { FULL_ACCESS } from '@attune/domain';
import { indexAccessKeys } from '@attune/service';
import { SignatureV4 } from '@smithy/signature-v4';
import { createVerifySignature } from './sigV4';
import type { SignedRequest } from './sigV4Request';
import { signatureOf, signingKeyOf } from './sigV4Sign';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const KEY = { accessKeyId: 'ATTUNETESTKEYNUMBER1', secretAccessKey: 'the-secret-of-the-test-key' };
const MINUTE = 60_000;

let now: number;
let verify: ReturnType<typeof createVerifySignature>;

beforeEach(() => {
  now = NOW;
  const keys = indexAccessKeys([{ name: 'tester', ...KEY }]);
  verify = createVerifySignature({ keys, region: 'us-east-1', now: () => now });
});

/** Hashes as AWS's signer wants them. */
class Sha256 {
  private readonly hash: { update(data: Uint8Array): unknown; digest(): Uint8Array };
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret ? createHmac('sha256', secret as string) : createHash('sha256');
  }
  update(data: Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}

interface Signing {
  credentials?: typeof KEY & { sessionToken?: string };
  region?: string;
  service?: string;
  at?: number;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  body?: string;
}

const BODY = '{"trackingId":"t","sessionId":"ü"}';

function unsigned({ headers = {}, query = {}, body = BODY }: Signing) {
  return {
    method: 'POST',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/events',
    query,
    headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
    body,
  };
}

function signer({ credentials = KEY, region = 'us-east-1', service = 'personalize' }: Signing): SignatureV4 {
  return new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });
}

function received({ method, path, query, headers, body }: ReturnType<typeof unsigned>): SignedRequest {
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    url: search ? `${path}?${search}` : path,
    headers: Object.fromEntries(lower),
    body: Buffer.from(body),
  };
}

/** A request as AWS's own signer signs it. */
async function signed(signing: Signing = {}): Promise<SignedRequest> {
  const request = await signer(signing).sign(unsigned(signing), { signingDate: new Date(signing.at ?? NOW) });
  return received(request as ReturnType<typeof unsigned>);
}

async function presigned(signing: Signing & { expiresIn?: number } = {}): Promise<SignedRequest> {
  const { at = NOW, expiresIn = 3600 } = signing;
  const request = await signer(signing).presign(unsigned(signing), { signingDate: new Date(at), expiresIn });
  return received(request as ReturnType<typeof unsigned>);
}

function refusal(request: SignedRequest): { type: string; message: string } {
  try {
    verify(request);
  } catch (error) {
    return error as { type: string; message: string };
  }
  throw new Error('The request was taken.');
}

test('the signature is that of the example in the AWS documentation of Signature Version 4', () => {
  // IAM's ListUsers of 30 August 2015, whose signature the documentation prints.
  const signedHeaders = ['content-type', 'host', 'x-amz-date'];
  const claimed = {
    accessKeyId: 'AKIDEXAMPLE',
    date: '20150830',
    region: 'us-east-1',
    service: 'iam',
    signedHeaders,
    signature: '',
    amzDate: '20150830T123600Z',
  };
  const request: SignedRequest = {
    method: 'GET',
    url: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
    body: Buffer.alloc(0),
  };
  const empty = createHash('sha256').update('').digest('hex');
  const key = signingKeyOf('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', claimed);
  expect(signatureOf(request, claimed, empty, key).toString('hex')).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

describe('a request signed by the AWS SDK', () => {
  test('is its key’s', async () => {
    expect(verify(await signed())).toEqual({ ...FULL_ACCESS, name: 'tester' });
  });

  test('counts with a query, spaces in headers and its own hash of the body', async () => {
    const hash = createHash('sha256').update(BODY).digest('hex');
    const headers = { 'x-note': '  two   spaces ', 'x-amz-content-sha256': hash };
    expect(verify(await signed({ headers, query: { b: 'x y+z', a: "ü!'()*" } })).name).toBe('tester');
  });

  test('may be as many as 5 minutes off the clock, and no more', async () => {
    expect(verify(await signed({ at: NOW - 5 * MINUTE })).name).toBe('tester');
    expect(verify(await signed({ at: NOW + 5 * MINUTE })).name).toBe('tester');
    for (const [at, message] of [
      [NOW - 5 * MINUTE - 1000, 'Signature expired: 20260301T115459Z is when it was made, and 20260301T120000Z'],
      [NOW + 5 * MINUTE + 1000, 'Signature not yet current: 20260301T120501Z'],
    ] as const) {
      const { type, message: said } = refusal(await signed({ at }));
      expect(type).toBe('InvalidSignatureException');
      expect(said).toContain(message);
    }
  });

  test('is refused a second time, also after its generation; one that is signed anew is not', async () => {
    const request = await signed({ at: NOW + 4 * MINUTE });
    verify(request);
    expect(refusal(request).message).toContain('used before');
    now += 8 * MINUTE;
    expect(refusal(request).message).toContain('used before');
    const again = (attempt: number) => signed({ at: now, headers: { 'amz-sdk-request': `attempt=${attempt}; max=3` } });
    verify(await again(1));
    expect(verify(await again(2)).name).toBe('tester');
  });

  test('may come again within seconds as another call, as boto3 makes it, and as no other', async () => {
    const request = await signed();
    const call = (id: string) => ({ ...request, headers: { ...request.headers, 'amz-sdk-invocation-id': id } });
    verify(call('a'));
    expect(verify(call('b')).name).toBe('tester');
    expect(refusal(call('b')).message).toContain('used before');
    expect(refusal(request).message).toContain('used before');
    now += 5_000;
    expect(refusal(call('c')).message).toContain('used before');
  });

  test.each<[string, (request: SignedRequest) => Partial<SignedRequest>]>([
    ['body', () => ({ body: Buffer.from(BODY.replace('"t"', '"u"')) })],
    ['path', () => ({ url: '/items' })],
    ['query', () => ({ url: '/events?x=1' })],
    ['query behind a second question mark', () => ({ url: '/events??x=1' })],
    ['method', () => ({ method: 'PUT' })],
    ['host', ({ headers }) => ({ headers: { ...headers, host: 'other:8080' } })],
    ['content type', ({ headers }) => ({ headers: { ...headers, 'content-type': 'text/plain' } })],
    ['time', ({ headers }) => ({ headers: { ...headers, 'x-amz-date': '20260301T120001Z' } })],
    [
      'added target',
      ({ headers }) => ({ headers: { ...headers, 'x-amz-target': 'AmazonPersonalize.DeleteCampaign' } }),
    ],
    ['hash', ({ headers }) => ({ headers: { ...headers, 'x-amz-content-sha256': '0'.repeat(64) } })],
  ])('is refused where its %s was altered', async (_, alter) => {
    const request = await signed();
    expect(refusal({ ...request, ...alter(request) }).type).toBe('InvalidSignatureException');
  });

  test('is refused with a key, secret, region, service or session token that is not this server’s', async () => {
    const secretAccessKey = 'another-secret-altogether';
    const cases: [Signing, string][] = [
      [{ credentials: { ...KEY, accessKeyId: 'SOMEOTHERACCESSKEY12' } }, 'UnrecognizedClientException'],
      [{ credentials: { ...KEY, sessionToken: 'x' } }, 'UnrecognizedClientException'],
      [{ credentials: { ...KEY, secretAccessKey } }, 'InvalidSignatureException'],
      [{ region: 'eu-west-1' }, 'InvalidSignatureException'],
      [{ service: 's3' }, 'InvalidSignatureException'],
    ];
    for (const [signing, type] of cases) {
      const request = await signed(signing);
      const error = refusal(request);
      expect(error.type).toBe(type);
      const signature = /Signature=(\w+)/.exec(String(request.headers.authorization))![1]!;
      for (const secret of [KEY.secretAccessKey, secretAccessKey, signature])
        expect(error.message).not.toContain(secret);
    }
  });

  test('is refused without a signature, or with a part of one', async () => {
    const { authorization, ...headers } = (await signed()).headers;
    const request = { ...(await signed()), headers };
    expect(refusal(request).type).toBe('MissingAuthenticationTokenException');
    for (const broken of ['', 'Bearer x', 'AWS4-HMAC-SHA256 Credential=a', String(authorization).slice(0, -1)]) {
      const error = refusal({ ...request, headers: { ...headers, authorization: broken } });
      expect(error.type).toBe('IncompleteSignatureException');
    }
    const { 'x-amz-date': _, ...undated } = headers;
    expect(refusal({ ...request, headers: { ...undated, authorization } }).message).toContain('X-Amz-Date');
  });
});

describe('a presigned request', () => {
  test('can be sent once, until it expires', async () => {
    const request = await presigned();
    now += 59 * MINUTE;
    expect(verify(request).name).toBe('tester');
    expect(refusal(request).message).toContain('used before');
    now += 2 * MINUTE;
    expect(refusal(await presigned()).message).toContain('Signature expired');
  });

  test('is refused where it was altered, or may live for more than a week', async () => {
    const request = await presigned();
    expect(refusal({ ...request, body: Buffer.from('{}') }).type).toBe('InvalidSignatureException');
    expect(refusal({ ...request, url: `${request.url}?more=1` }).type).toBe('IncompleteSignatureException');
    const longer = request.url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=7200');
    expect(refusal({ ...request, url: longer }).type).toBe('InvalidSignatureException');
    const forever = request.url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=604801');
    expect(refusal({ ...request, url: forever })).toMatchObject({ type: 'IncompleteSignatureException' });
    expect(verify(request).name).toBe('tester');
  });
});
