import { FULL_ACCESS } from '@attune/domain';
import { type AccessKeys, bearerToken, type HttpAuthentication } from '@attune/service';
import { SignatureError } from './awsError';
import { createVerifySignature } from './sigV4';

export interface SignedRequestsOptions {
  keys: AccessKeys;
  region: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Whether the metrics need no key: on the loopback. */
  openMetrics: boolean;
}

/** Who may call over HTTP: whoever signs with a key of this server. Metrics take an API key, as Prometheus can send it. */
export function signedRequests({ keys, openMetrics, ...options }: SignedRequestsOptions): HttpAuthentication {
  const verify = createVerifySignature({ keys, ...options });
  return {
    authenticate: ({ method, raw, headers }, body) => verify({ method, url: raw.url ?? '/', headers, body }),
    authenticateMetrics: ({ headers }) => {
      if (openMetrics) return FULL_ACCESS;
      const caller = keys.byApiKey(bearerToken(headers.authorization) ?? '');
      if (caller) return caller;
      throw new SignatureError(
        'UnrecognizedClientException',
        'Metrics need an API key of this server: Authorization: Bearer KEY.',
      );
    },
  };
}
