import type { Caller } from '@attune/domain';
import { UnauthenticatedError } from '@attune/domain';
import type { Metadata } from '@grpc/grpc-js';
import type { AccessKeys } from './accessKeys';

/** What a call says of who makes it. */
export interface GrpcCredentials {
  metadata: Metadata;
  getAuthContext(): { sslPeerCertificate?: { subject: { CN?: string | string[] } } };
}

/** Finds out who makes a call. @throws UnauthenticatedError where that is not proven */
export type GrpcAuthenticate = (call: GrpcCredentials) => Caller;

/**
 * Callers prove who they are by an API key in the metadata, or, where client certificates are asked for, by the common
 * name of theirs, which is the name of a key.
 */
export function authenticateByKey(keys: AccessKeys, clientCertificates: boolean): GrpcAuthenticate {
  return clientCertificates ? (call) => byCertificate(keys, call) : ({ metadata }) => byMetadata(keys, metadata);
}

/** An API key in the form that HTTP and gRPC share. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function byMetadata(keys: AccessKeys, metadata: Metadata): Caller {
  const given = bearerToken(text(metadata, 'authorization')) ?? text(metadata, 'x-api-key');
  if (given === undefined) {
    throw new UnauthenticatedError(
      'The call carries no API key. Send it in the metadata, as authorization: Bearer KEY or as x-api-key: KEY.',
    );
  }
  const caller = keys.byApiKey(given);
  if (caller === undefined) throw new UnauthenticatedError('The API key is not one of this server.');
  return caller;
}

function text(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return value === undefined ? undefined : String(value);
}

function byCertificate(keys: AccessKeys, call: GrpcCredentials): Caller {
  const name = call.getAuthContext().sslPeerCertificate?.subject.CN;
  const caller = typeof name === 'string' ? keys.byName(name) : undefined;
  if (caller === undefined) {
    throw new UnauthenticatedError(
      'The common name of the client certificate is not the name of a key of this server.',
    );
  }
  return caller;
}
