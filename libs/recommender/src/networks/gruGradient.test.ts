import { Random } from '../data/random';
import { initialGruWeights } from './gru';
import { gruInputGradients } from './gruGradient';
import { ServingGru } from './gruServing';

const [EMBEDDING, HIDDEN, STEPS] = [5, 7, 4];
const random = new Random(3);
const draw = () => Float32Array.from({ length: EMBEDDING }, () => random.normal());
const weights = initialGruWeights({ embedding: EMBEDDING, hidden: HIDDEN }, random);
const inputs = Array.from({ length: STEPS }, draw);
const direction = draw();

/** `output . direction` after the inputs. */
function read(given: readonly Float32Array[]): number {
  const gru = new ServingGru(weights);
  const out = new Float32Array(EMBEDDING);
  gru.output(
    given.reduce((state, input) => gru.advance(state, input), gru.initialState()),
    out,
  );
  return out.reduce((sum, value, i) => sum + value * direction[i]!, 0);
}

test('gradients by the inputs are those that small changes of the inputs show', () => {
  const gradients = gruInputGradients(weights, inputs, direction);
  const step = 1e-2;
  for (let place = 0; place < STEPS; place++) {
    for (let i = 0; i < EMBEDDING; i++) {
      const moved = (by: number) =>
        read(
          inputs.map((input, at) => (at === place ? input.map((value, j) => (j === i ? value + by : value)) : input)),
        );
      expect(gradients[place]![i]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
    }
  }
});
