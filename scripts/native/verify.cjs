const { createRequire } = require('node:module');
const util = require('node:util');

// tfjs-node 4.22.0 calls these two, which Node 23 removed.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

const tf = createRequire(process.argv[2])('@tensorflow/tfjs-node');
const table = tf.variable(tf.ones([3, 2]));
const { grads } = tf.variableGrads(() =>
  tf
    .gather(table, tf.tensor1d([1, 1, 2], 'int32'))
    .square()
    .sum(),
);
const gradient = [...Object.values(grads)[0].dataSync()].join();
if (gradient !== '0,0,4,4,2,2') throw new Error(`the gradient of a gather is 0,0,4,4,2,2, but came as ${gradient}`);
console.log(`TensorFlow ${tf.backend().binding.TF_Version}`);
