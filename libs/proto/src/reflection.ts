import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from '@grpc/proto-loader';

/** What gRPC reflection tells clients such as grpcurl: the descriptors of all of `proto/attune/v1`, written at build. */
export function loadReflection(): PackageDefinition {
  return loadFileDescriptorSetFromBuffer(readFileSync(join(__dirname, '..', 'src', 'generated', 'descriptors.binpb')));
}
