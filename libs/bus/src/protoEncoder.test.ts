import { Interaction } from '@attune/proto';
import { protoEncoder } from './protoEncoder';

const interaction = (eventId: string) => Interaction.fromPartial({ eventId, userId: 'ada', impression: ['i1', 'i2'] });

test('messages of any length are encoded one after another, each with bytes of its own', () => {
  const encode = protoEncoder(Interaction);
  const messages = ['short', 'long'.repeat(1000), 'ünïcödé', ''].map(interaction);
  const encoded = messages.map(encode);
  expect(encoded.map((bytes) => Interaction.decode(bytes))).toEqual(messages);
});

test('a message that can not be encoded leaves nothing in the next one', () => {
  const encode = protoEncoder(Interaction);
  const wrong = { ...interaction('wrong'), timestampMs: 'yesterday' as unknown as number };
  expect(() => encode(wrong)).toThrow();
  expect(Interaction.decode(encode(interaction('right')))).toEqual(interaction('right'));
});
