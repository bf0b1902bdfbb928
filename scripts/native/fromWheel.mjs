import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run.mjs';
import { bindingFolder } from './tfjsNode.mjs';

/** The newest TensorFlow on which tfjs-core 4.22.0's own test suite passes whole (2.18 to 2.21 fail one test). */
const requirement =
  'tensorflow-cpu==2.15.1 --hash=sha256:54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26\n';

/** Where Linux programs built against glibc find it, as the wheel's libraries do. */
const glibcLoader = '/lib64/ld-linux-x86-64.so.2';

const unpackScript = fileURLToPath(new URL('unpack-wheel.py', import.meta.url));

/**
 * Takes TensorFlow's library and C headers out of its Python wheel on PyPI, and compiles tfjs-node's binding against
 * them into `build`. Any Python with pip will do: the wheel is unpacked, never installed.
 */
export async function fromWheel(tfjsNode, build) {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(glibcLoader)) {
    throw new Error(`building it takes x86-64 Linux with glibc`);
  }
  await need('python3', ['-m', 'pip', '--version'], 'python3 with pip');
  await need('g++', ['--version'], 'a C++ compiler (g++)');
  await downloadAndUnpack(path.join(build, 'deps'));
  await compile(tfjsNode.folder, build);
}

async function need(command, args, what) {
  await run(command, args).catch(() => {
    throw new Error(`${what} is missing`);
  });
}

async function downloadAndUnpack(deps) {
  const download = path.join(deps, 'download');
  mkdirSync(download, { recursive: true });
  const requirements = path.join(download, 'requirements.txt');
  writeFileSync(requirements, requirement);
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'].flatMap((name) => ['--platform', name]);
  await run(
    'python3',
    ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps']
      .concat('--only-binary=:all:', '--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', platforms)
      .concat('--retries', '1', '--timeout', '10', '--require-hashes', '-r', requirements, '-d', download),
    { seconds: 900 },
  );
  const wheel = readdirSync(download).find((name) => name.endsWith('.whl'));
  await run('python3', [unpackScript, path.join(download, wheel), deps]);
  rmSync(download, { recursive: true });
}

async function compile(source, build) {
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers');
  const out = path.join(build, bindingFolder);
  mkdirSync(out, { recursive: true });
  await run('g++', [
    ...[
      '-std=c++17',
      '-O2',
      '-fPIC',
      '-shared',
      `-DNAPI_VERSION=${path.basename(bindingFolder).slice('napi-v'.length)}`,
    ],
    ...[path.join(build, 'deps', 'include'), nodeHeaders, source].map((folder) => `-I${folder}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(source, 'binding', name)),
    ...['-o', path.join(out, 'tfjs_binding.node')],
    // Relative to the binding, so that the finished folder can be renamed into the cache.
    ...[`-L${path.join(build, 'deps', 'lib')}`, '-Wl,-rpath,$ORIGIN/../../deps/lib'],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
  ]);
}
