import { AdamParameter } from './adam';
import { loadTensorFlow } from './tensorflow';

test("the values follow TensorFlow's own Adam, and the average lags behind them", async () => {
  const tensorflow = await loadTensorFlow();
  const { tf } = tensorflow;
  const start = Float32Array.of(1, -2, 3);
  const parameter = new AdamParameter(tensorflow, { learningRate: 0.05, averagingSteps: 10 }, start, [3]);
  const variable = tf.variable(tf.tensor1d(start));
  const reference = tf.train.adam(0.05, 0.9, 0.98, 1e-8);
  for (let step = 0; step < 40; step++) {
    tf.tidy(() => {
      parameter.step(tf.square(parameter.value));
      reference.applyGradients([{ name: variable.name, tensor: tf.square(variable) }]);
    });
  }
  const [ours, theirs, average] = [parameter.value, variable, parameter.average].map((tensor) => tensor.dataSync());
  ours!.forEach((value, index) => {
    expect(value).toBeCloseTo(theirs![index]!, 5);
    expect(Math.abs(average![index]! - start[index]!)).toBeLessThan(Math.abs(value - start[index]!));
  });
  parameter.dispose();
  reference.dispose();
  variable.dispose();
});
