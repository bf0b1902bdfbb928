import { InvalidInputError } from '@attune/domain';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** Stands for a request whose bytes are no message. */
class UnreadableRequest {
  constructor(readonly error: InvalidInputError) {}
}

/**
 * The methods of a service, taking any bytes. grpc-js would answer what it can't read as INTERNAL, before any handler and
 * any metric; so it goes on to `readable`, and is refused there as the caller's mistake that it is.
 */
export function takingAnyBytes(definition: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(Object.entries(definition).map(([name, method]) => [name, anyBytes(method)]));
}

function anyBytes<Method extends MethodDefinition<unknown, unknown>>(method: Method): Method {
  const requestDeserialize = (bytes: Buffer) => {
    try {
      return method.requestDeserialize(bytes);
    } catch (cause) {
      const reason = (cause as Error).message;
      return new UnreadableRequest(
        new InvalidInputError(`The request is no protobuf message of ${method.path}: ${reason}.`, { cause }),
      );
    }
  };
  return { ...method, requestDeserialize };
}

/** @throws InvalidInputError where the bytes were no message */
export function readable(request: unknown): unknown {
  if (request instanceof UnreadableRequest) throw request.error;
  return request;
}

/** The requests of a stream. Reading throws InvalidInputError at bytes that are no message. */
export async function* readableStream(requests: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const request of requests) yield readable(request);
}
