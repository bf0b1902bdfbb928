import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '@attune/domain';
import type { AccessKey, AccessKeys } from '@attune/service';
import { SignatureError } from './awsError';
import { Replays } from './replays';
import { type ClaimedSignature, readSignature, type SignedRequest } from './sigV4Request';
import { sha256Hex, signatureOf, signingKeyOf } from './sigV4Sign';

/** How far the clocks of client and server may be apart, as AWS has it. */
const MAX_SKEW_MS = 5 * 60_000;

/** A signature dated five minutes ahead can be used for ten. */
const HEADER_LIFETIME_MS = 2 * MAX_SKEW_MS;
const PRESIGNED_LIFETIME_MS = 7 * 24 * 3_600_000 + MAX_SKEW_MS;

/** With 1,600 requests a second, every signature is remembered for its ten minutes. */
const MAX_HEADER_SIGNATURES = 1_000_000;
const MAX_PRESIGNED_SIGNATURES = 100_000;

/** All three services of the API sign as this one. */
const SERVICE = 'personalize';

export interface SignatureOptions {
  keys: Pick<AccessKeys, 'byAccessKeyId'>;
  region: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Finds out who signed a request. @throws SignatureError that says what is wrong with the signature */
export type VerifySignature = (request: SignedRequest) => Caller;

/**
 * Verifies AWS Signature Version 4, in the header or presigned: a known key, this region, the time, every header that
 * matters, the body, and that the signature was not used before. Whoever retries signs anew, as AWS's clients do.
 * What was used is known to this process only.
 */
export function createVerifySignature({ keys, region, now }: SignatureOptions): VerifySignature {
  const inHeaders = new Replays({ lifetimeMs: HEADER_LIFETIME_MS, max: MAX_HEADER_SIGNATURES });
  const presigned = new Replays({ lifetimeMs: PRESIGNED_LIFETIME_MS, max: MAX_PRESIGNED_SIGNATURES });
  const signingKeys = new SigningKeys();
  return (request) => {
    const claimed = readSignature(request);
    const key = keys.byAccessKeyId(claimed.accessKeyId);
    checkScope(claimed, region);
    checkTime(claimed, now());
    checkSignedHeaders(request, claimed);
    if (key === undefined || usesSessionToken(request)) throw unknownKey();
    const expected = signatureOf(request, claimed, payloadHash(request), signingKeys.get(key, claimed));
    const given = Buffer.from(claimed.signature, 'hex');
    if (!timingSafeEqual(expected, given)) throw mismatch();
    const seen = claimed.expires === undefined ? inHeaders : presigned;
    if (!seen.first(given, callOf(request), now())) throw replayed();
    return key.caller;
  };
}

/** A signing key is good for a day: four HMACs are saved for every request but the day's first. */
class SigningKeys {
  private readonly known = new WeakMap<AccessKey, { date: string; signingKey: Buffer }>();

  get(key: AccessKey, claimed: ClaimedSignature): Buffer {
    const known = this.known.get(key);
    if (known?.date === claimed.date) return known.signingKey;
    const signingKey = signingKeyOf(key.secretAccessKey, claimed);
    this.known.set(key, { date: claimed.date, signingKey });
    return signingKey;
  }
}

function checkScope({ date, region, service, amzDate }: ClaimedSignature, regionHere: string): void {
  if (region !== regionHere) {
    throw invalid(
      `It is for the region "${clip(region)}", and this server is "${regionHere}". Set it in your AWS client`,
    );
  }
  if (service !== SERVICE) throw invalid(`It is for the service "${clip(service)}", and this one is "${SERVICE}"`);
  if (!amzDate.startsWith(date)) throw invalid(`The date of its credential, ${clip(date)}, is not that of ${amzDate}`);
}

function checkTime({ amzDate, expires }: ClaimedSignature, now: number): void {
  const signedAt = timeOf(amzDate);
  const goodForMs = expires === undefined ? MAX_SKEW_MS : expires * 1000;
  if (now > signedAt + goodForMs) {
    const allowed = expires === undefined ? SKEW : `the ${expires} seconds of X-Amz-Expires`;
    throw expired(
      `Signature expired: ${amzDate} is when it was made, and ${serverTime(now)}, more than ${allowed} later`,
    );
  }
  if (!(signedAt <= now + MAX_SKEW_MS)) {
    throw expired(
      `Signature not yet current: ${amzDate} is when it was made, and ${serverTime(now)}, more than ${SKEW} before`,
    );
  }
}

const SKEW = `${MAX_SKEW_MS / 60_000} minutes`;

function serverTime(now: number): string {
  return `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')} is the time of this server`;
}

/** Headers that say what a request is must be signed where they are sent, or anyone on the way could change them. */
function checkSignedHeaders({ headers }: SignedRequest, { signedHeaders, expires }: ClaimedSignature): void {
  const signed = new Set(signedHeaders);
  // A presigned request has its time in the query, and may be sent by a client that adds a content type.
  const presigned = expires !== undefined;
  const needed = new Set(presigned ? ['host'] : ['host', 'x-amz-date']);
  for (const name in headers) {
    if (name.startsWith('x-amz-') || (name === 'content-type' && !presigned)) needed.add(name);
  }
  const missing = [...needed].filter((name) => !signed.has(name));
  if (missing.length > 0) throw invalid(`These headers must be signed: ${missing.join(', ')}`);
  const absent = signedHeaders.filter((name) => headers[name] === undefined);
  if (absent.length > 0) throw invalid(`These signed headers are not in the request: ${clip(absent.join(', '))}`);
}

function payloadHash({ headers, body }: SignedRequest): string {
  const hash = sha256Hex(body);
  const claimed = headers['x-amz-content-sha256'];
  if (claimed !== undefined && claimed !== hash) {
    throw invalid('The header X-Amz-Content-Sha256 is not the SHA-256 of the body. The body must be signed');
  }
  return hash;
}

/** What AWS's clients send to tell their calls, and the attempts at each, apart. */
function callOf({ headers }: SignedRequest): string {
  const { 'amz-sdk-invocation-id': call, 'amz-sdk-request': attempt } = headers;
  return call === undefined ? '' : clip(`${call} ${attempt}`);
}

const SESSION_TOKEN = /[?&]X-Amz-Security-Token=/i;

/** This server gives out no session tokens. */
function usesSessionToken({ headers, url }: SignedRequest): boolean {
  return headers['x-amz-security-token'] !== undefined || SESSION_TOKEN.test(url);
}

/** @param amzDate YYYYMMDDTHHMMSSZ */
function timeOf(amzDate: string): number {
  const part = (start: number, end?: number) => amzDate.slice(start, end);
  return Date.parse(`${part(0, 4)}-${part(4, 6)}-${part(6, 8)}T${part(9, 11)}:${part(11, 13)}:${part(13)}`);
}

/** What came from outside is quoted in part only. */
function clip(text: string): string {
  return text.slice(0, 100);
}

function invalid(problem: string): SignatureError {
  return new SignatureError('InvalidSignatureException', `The signature of the request is not valid. ${problem}.`);
}

/** Clients of AWS look for these first words, and for this type, before they correct their clock. */
function expired(message: string): SignatureError {
  return new SignatureError('InvalidSignatureException', `${message}. Set the clocks.`);
}

function unknownKey(): SignatureError {
  return new SignatureError(
    'UnrecognizedClientException',
    'The access key of the request is not one of this server. Check aws_access_key_id, and send no session token.',
  );
}

function mismatch(): SignatureError {
  return invalid(
    'The signature that this server calculated is another one. Check the secret access key, and that nothing changes the request on its way',
  );
}

function replayed(): SignatureError {
  return invalid('It was used before. Sign every request anew, with its own time');
}
