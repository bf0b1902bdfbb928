import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadReflection } from './reflection';

test('every file that a file imports is there, and types are named in full', () => {
  const definition = loadReflection()['attune.v1'] as { fileDescriptorProtos: Buffer[] };
  const files = definition.fileDescriptorProtos.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  const names = files.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['attune/v1/events.proto', 'google/protobuf/timestamp.proto']));
  for (const { dependency } of files) expect(names).toEqual(expect.arrayContaining(dependency));
  const event = files.flatMap(({ messageType }) => messageType).find(({ name }) => name === 'Event');
  expect(event?.field.find(({ name }) => name === 'sent_at')?.typeName).toBe('.google.protobuf.Timestamp');
});
