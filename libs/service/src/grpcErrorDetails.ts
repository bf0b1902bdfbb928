import { type AttuneError, type FieldViolation, InvalidInputError, UnavailableError } from '@attune/domain';
import type { status } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from 'nice-grpc-error-details';
import { Status } from 'nice-grpc-error-details/lib/proto/google/rpc/status';

/** Base64 makes a third more of it, and the message beside it may take 6 of the 8 KiB that a client allows for trailers. */
const MAX_BYTES = 1_200;

/** What the details repeat of the message. */
const MAX_MESSAGE_BYTES = 300;

/** Says whose error reasons these are. */
const DOMAIN = 'attune';

interface Detail {
  typeUrl: string;
  value: Uint8Array;
}

/**
 * What a program may read of an error: a `google.rpc.Status` as the richer error model of gRPC has it in the trailer
 * `grpc-status-details-bin` (AIP-193). Each has an `ErrorInfo` with the error's code as its reason; a request whose
 * members are wrong a `BadRequest` that names them, as many as fit; and where trying again helps a `RetryInfo`.
 */
export function errorDetails(error: AttuneError, code: status): Buffer {
  const details = [
    detail('ErrorInfo', ErrorInfo.encode(ErrorInfo.fromPartial({ reason: reasonOf(error), domain: DOMAIN })).finish()),
  ];
  if (error instanceof UnavailableError) {
    const retryDelay = { seconds: error.retryAfterSeconds, nanos: 0 };
    details.push(detail('RetryInfo', RetryInfo.encode(RetryInfo.fromPartial({ retryDelay })).finish()));
  }
  const message = cut(error.message, MAX_MESSAGE_BYTES);
  const encode = (more: readonly Detail[]) =>
    Status.encode(Status.fromPartial({ code, message, details: [...details, ...more] })).finish();
  if (!(error instanceof InvalidInputError)) return Buffer.from(encode([]));
  for (let named = error.fieldViolations.length; named > 0; named--) {
    const bytes = encode([badRequest(error.fieldViolations.slice(0, named))]);
    if (bytes.length <= MAX_BYTES) return Buffer.from(bytes);
  }
  return Buffer.from(encode([]));
}

/** The beginning of a text, so that it has about as many bytes at most. */
export function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // A stream's decoder leaves out a character that was cut.
  return `${new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true })}...`;
}

function badRequest(fieldViolations: readonly FieldViolation[]): Detail {
  return detail(
    'BadRequest',
    BadRequest.encode(BadRequest.fromPartial({ fieldViolations: [...fieldViolations] })).finish(),
  );
}

function detail(name: string, value: Uint8Array): Detail {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value };
}

/** `InvalidInput` is INVALID_INPUT: reasons are written so. */
function reasonOf({ code }: AttuneError): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
