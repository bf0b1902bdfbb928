import { SignatureError } from './awsError';

/** A request as it arrived. Header names are in lower case, as Node gives them. */
export interface SignedRequest {
  method: string;
  /** The path with its query, as they were sent. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** The path and the query of an address; the query is undefined where there is none. */
export function splitUrl(url: string): [path: string, query?: string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
}

/** What a request says of its signature, in either form. */
export interface ClaimedSignature {
  accessKeyId: string;
  /** YYYYMMDD, of the credential scope. */
  date: string;
  region: string;
  service: string;
  signedHeaders: readonly string[];
  signature: string;
  /** YYYYMMDDTHHMMSSZ */
  amzDate: string;
  /** Seconds from `amzDate` on; only where the request is presigned. */
  expires?: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const AUTHORIZATION = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+) *, *SignedHeaders=([^,\s]+) *, *Signature=([^,\s]+)$/;
const AMZ_DATE = /^\d{8}T\d{6}Z$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/** A week, as AWS has it. */
const MAX_EXPIRES_S = 604_800;

/**
 * Reads the signature of a request: from its header `Authorization`, or from its query where it is presigned.
 * @throws SignatureError where there is none, or a part of it is missing or malformed
 */
export function readSignature({ headers, url }: Pick<SignedRequest, 'headers' | 'url'>): ClaimedSignature {
  const [, search] = splitUrl(url);
  const query = search === undefined ? undefined : new URLSearchParams(search);
  const { authorization } = headers;
  const presigned = query?.has('X-Amz-Signature') || query?.has('X-Amz-Algorithm');
  if (authorization !== undefined) {
    if (presigned) throw incomplete('It is in the header Authorization and in the query. Keep one of them');
    return fromHeader(String(authorization), headers);
  }
  if (query && presigned) return fromQuery(query);
  throw new SignatureError(
    'MissingAuthenticationTokenException',
    'The request is not signed. Sign it with an access key of this server (AWS Signature Version 4): configure the key in your AWS client as aws_access_key_id and aws_secret_access_key.',
  );
}

function fromHeader(authorization: string, headers: SignedRequest['headers']): ClaimedSignature {
  const parts = AUTHORIZATION.exec(authorization);
  if (parts === null) {
    throw incomplete(
      `The header Authorization must be "${ALGORITHM} Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=NAMES, Signature=HEX"`,
    );
  }
  const [, credential, signedHeaders, signature] = parts as unknown as [string, string, string, string];
  return claim({ credential, signedHeaders, signature }, headers['x-amz-date'], 'The header X-Amz-Date');
}

function fromQuery(query: URLSearchParams): ClaimedSignature {
  const member = (name: string) => {
    const values = query.getAll(name);
    if (values.length !== 1) throw incomplete(`The query must have ${name} once, and has it ${values.length} times`);
    return values[0]!;
  };
  if (member('X-Amz-Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}`);
  const expires = member('X-Amz-Expires');
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRES_S) {
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_S}, a week`);
  }
  const parts = {
    credential: member('X-Amz-Credential'),
    signedHeaders: member('X-Amz-SignedHeaders'),
    signature: member('X-Amz-Signature'),
  };
  return { ...claim(parts, member('X-Amz-Date'), 'X-Amz-Date'), expires: Number(expires) };
}

interface Parts {
  credential: string;
  signedHeaders: string;
  signature: string;
}

function claim(
  { credential, signedHeaders, signature }: Parts,
  amzDate: string | string[] | undefined,
  where: string,
): ClaimedSignature {
  const [accessKeyId, date, region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || more.length > 0) {
    throw incomplete('Credential must be ID/DATE/REGION/SERVICE/aws4_request');
  }
  if (typeof amzDate !== 'string' || !AMZ_DATE.test(amzDate)) {
    throw incomplete(`${where} must be a time such as 20260131T120000Z`);
  }
  if (!SIGNATURE.test(signature)) throw incomplete('Signature must be 64 hexadecimal digits in lower case');
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature, amzDate };
}

function incomplete(problem: string): SignatureError {
  return new SignatureError('IncompleteSignatureException', `The signature of the request is incomplete. ${problem}.`);
}
