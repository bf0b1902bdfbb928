import { DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { parseHyperparameters } from '../training/hyperparameters';
import { train } from '../training/training';
import { loadTensorFlow, type TensorFlow } from './tensorflow';

/** 40 users with 30 interactions each with 60 items. */
function dataset() {
  const random = new Random(1);
  const builder = new DatasetBuilder();
  for (let event = 0; event < 1200; event++) {
    const item = Math.floor(60 * random.uniform() * random.uniform());
    builder.addInteraction({ userId: `u${event % 40}`, itemId: `i${item}`, timestamp: event });
  }
  return builder.build();
}

async function lossesOn(tensorflow: TensorFlow): Promise<number[]> {
  const model = await train({
    dataset: dataset(),
    tensorflow,
    hyperparameters: parseHyperparameters({ hidden_dimension: '32', bptt: '8' }),
    seed: 1,
    codeVersion: 'test',
    now: () => performance.now(),
    maxEpochs: 3,
  });
  return model.manifest.learningCurve.map(({ loss }) => loss);
}

test('the WebAssembly backend learns what the native library learns, to 5 digits', async () => {
  const wasm = await loadTensorFlow({ prefer: 'wasm' });
  expect(wasm.backend).toBe('wasm');
  const losses = await lossesOn(wasm);
  expect(losses[2]).toBeLessThan(losses[0]!);
  expect(wasm.tf.memory().numTensors).toBe(0);

  const best = await loadTensorFlow();
  if (best.backend === 'wasm') {
    process.stderr.write('comparison with the native library skipped: it is not installed here\n');
    return;
  }
  const native = await lossesOn(best);
  for (const [epoch, loss] of native.entries()) expect(losses[epoch]).toBeCloseTo(loss, 4);
}, 60_000);
