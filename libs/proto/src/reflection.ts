import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';

/**
 * What gRPC reflection tells clients such as grpcurl: the descriptors of all of `proto/attune/v1` and of what they
 * import, file by file as buf wrote them at build. They don't pass through proto-loader, whose descriptors name types
 * relative to their package and leave out imports, which grpcurl can't resolve.
 */
export function loadReflection(): PackageDefinition {
  const descriptors = readFileSync(join(__dirname, '..', 'src', 'generated', 'descriptors.binpb'));
  const { file } = fromBinary(FileDescriptorSetSchema, descriptors);
  const fileDescriptorProtos = file.map((each) => Buffer.from(toBinary(FileDescriptorProtoSchema, each)));
  // The reflection service reads this one member of a definition.
  return { 'attune.v1': { fileDescriptorProtos } as PackageDefinition[string] };
}
