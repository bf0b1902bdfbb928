import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { initialTransformerWeights } from './transformer';
import { ServingTransformer } from './transformerServing';

test('the gradient by each input is that of what serves, by central differences', () => {
  const random = new Random(3);
  const sizes = { embedding: 8, heads: 2, layers: 2, window: 6 };
  const weights = Object.fromEntries(
    Object.entries(initialTransformerWeights(sizes, random)).map(([name, { shape, data }]) => {
      return [name, { shape, data: data.map((value) => value + random.normal() / 5) }];
    }),
  );
  const encoder = new ServingTransformer(weights);
  const vector = () => Float32Array.from({ length: sizes.embedding }, () => random.normal());
  const inputs = Array.from({ length: 5 }, vector);
  const direction = vector();
  const history = historyOf([0, 2e3, 2e3, 9e6, 8e9].map((timestamp) => ({ item: 0, timestamp })));
  const value = () => {
    const events = inputs.map((input, event) => ({ input, item: 0, timestamp: history.timestamps[event]! }));
    const state = events.reduce(
      (before, { input, ...event }) => encoder.advance(before, input, event),
      encoder.initialState(),
    );
    return state.output.reduce((sum, each, i) => sum + each * direction[i]!, 0);
  };
  const gradients = encoder.inputGradients(inputs, history, direction);
  for (const [event, input] of inputs.entries()) {
    for (let i = 0; i < input.length; i++) {
      const kept = input[i]!;
      const at = (shifted: number) => {
        input[i] = shifted;
        return value();
      };
      const slope = (at(kept + 2e-3) - at(kept - 2e-3)) / 4e-3;
      input[i] = kept;
      expect(Math.abs(gradients[event]![i]! - slope)).toBeLessThan(3e-3);
    }
  }
  expect(Math.max(...gradients[0]!.map(Math.abs))).toBeGreaterThan(0.01);
});
