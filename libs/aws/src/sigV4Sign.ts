import { createHmac, hash } from 'node:crypto';
import { getCanonicalQuery } from '@smithy/signature-v4';
import { type ClaimedSignature, type SignedRequest, splitUrl } from './sigV4Request';

/** Which day, region and service a signing key is for. */
export type SigningScope = Pick<ClaimedSignature, 'date' | 'region' | 'service'>;

/**
 * The signature that a request has by Signature Version 4.
 * @param payloadHash the SHA-256 of the body, in hexadecimal
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureOf(
  request: SignedRequest,
  claimed: ClaimedSignature,
  payloadHash: string,
  signingKey: Buffer,
): Buffer {
  const { amzDate, date, region, service } = claimed;
  const text = [
    'AWS4-HMAC-SHA256',
    amzDate,
    `${date}/${region}/${service}/aws4_request`,
    sha256Hex(canonicalRequest(request, claimed.signedHeaders, payloadHash)),
  ].join('\n');
  return hmac(signingKey, text);
}

/** The key that signs all requests of one day, region and service. */
export function signingKeyOf(secretAccessKey: string, { date, region, service }: SigningScope): Buffer {
  return [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date));
}

export function sha256Hex(data: Buffer | string): string {
  return hash('sha256', data, 'hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function canonicalRequest({ method, url, headers }: SignedRequest, names: readonly string[], payloadHash: string) {
  const [path, query = ''] = splitUrl(url);
  let lines = `${method}\n${canonicalPath(path)}\n${query === '' ? '' : canonicalQuery(query)}\n`;
  for (const name of names) lines += `${name}:${canonicalValue(String(headers[name]))}\n`;
  return `${lines}\n${names.join(';')}\n${payloadHash}`;
}

/** What a path can consist of that is written the same when it is encoded. */
const PLAIN_PATH = /^[\w\-.~/]*$/;

/** The path as it was sent is encoded once; every service but S3 signs it encoded twice. */
function canonicalPath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const encode = (segment: string) =>
    encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return path.split('/').map(encode).join('/');
}

function canonicalQuery(search: string): string {
  const query = new URLSearchParams(search.replaceAll('+', '%2B'));
  const bag = Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
  return getCanonicalQuery({ query: bag } as Parameters<typeof getCanonicalQuery>[0]);
}

const EXTRA_SPACE = /^ |[ \t]{2}|\t| $/;

/** Runs of spaces and tabs count as one space, and those at the ends as none. */
function canonicalValue(value: string): string {
  return EXTRA_SPACE.test(value) ? value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '') : value;
}
