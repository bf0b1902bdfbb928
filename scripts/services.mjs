/**
 * `npm run services`: the whole system on this machine as in production, without containers. Starts Kafka, Redis and
 * Postgres (those that the environment names are used as they are), then every service as a process of its own, and
 * stops all of them on Ctrl-C. `npm run services -- --demo` plays the demo on them. What it keeps is gone at the end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './setup/workspace.mjs';

const { startServerRun, shareServer } = createRequire(import.meta.url)('../libs/testing');
const main = path.join(root, 'services', 'local', 'dist', 'main.js');

/** In the order of their start; ports as the services' own defaults where a client uses them. */
const services = [
  { name: 'archive', http: 8081, grpc: 50061 },
  { name: 'feature', http: 8082, grpc: 50062 },
  { name: 'control', http: 8083, grpc: 50063 },
  { name: 'trainer', http: 8084, grpc: 50064 },
  { name: 'inference', http: 8085, grpc: 50065 },
  { name: 'ingest', http: 8086, grpc: 50066 },
  // The one address of the AWS services, at the default port.
  { name: 'front', http: 8080 },
];
const url = (name) => `http://127.0.0.1:${services.find((service) => service.name === name).http}`;

const [option, ...demoArguments] = process.argv.slice(2);
if (option !== undefined && option !== '--demo') {
  console.error('Usage: npm run services [-- --demo [arguments of attune demo]]');
  process.exit(1);
}

const dataDir = await mkdtemp(path.join(os.tmpdir(), 'attune-services-'));
const running = [];
let servers;
let stopping;

/** Services first, the last started first; then the servers. */
function stop(code) {
  stopping ??= (async () => {
    for (const { child, name } of running.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      const [exitCode] = await once(child, 'exit');
      console.log(`  ${name} stopped (${exitCode})`);
    }
    await servers?.stop();
    await rm(dataDir, { recursive: true, force: true });
    process.exit(code);
  })();
  return stopping;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));

try {
  await startAll();
} catch (error) {
  console.error(`${error.message}`);
  await stop(1);
}

async function startAll() {
  servers = await startServerRun();
  const environment = {
    ...process.env,
    ATTUNE_DATA_DIR: dataDir,
    ATTUNE_CONTROL_URL: url('control'),
    ATTUNE_INGEST_URL: url('ingest'),
    ATTUNE_INFERENCE_URL: url('inference'),
  };
  for (const [kind, variable] of [
    ['postgres', 'DATABASE_URL'],
    ['redis', 'REDIS_URL'],
    ['kafka', 'KAFKA_BROKERS'],
  ]) {
    const { url, source } = await shareServer(servers.run, kind);
    environment[variable] = url;
    console.log(`  ${variable}=${url}  (${source})`);
  }
  await attune(['topics'], environment);
  await attune(['migrate'], environment);
  for (const service of services) await startService(service, environment);
  if (option === '--demo') {
    const demo = ['demo', '--ingest', url('front'), '--inference', url('front'), ...demoArguments];
    await attune(demo, environment, 'inherit');
    if (demoArguments.includes('--exit')) return stop(0);
  }
  console.log(`  objects    s3://BUCKET/KEY is ${path.join(dataDir, 'objects', 'BUCKET', 'KEY')}`);
  console.log('All services run. Ctrl-C stops them.');
}

/** Runs a command of attune to its end. */
async function attune(args, env, output = 'ignore') {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', output, 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`attune ${args[0]} ended with ${code}.`);
}

async function startService({ name, http, grpc }, environment) {
  const env = { ...environment, ATTUNE_PORT: String(http), ...(grpc && { ATTUNE_GRPC_PORT: String(grpc) }) };
  // A group of its own: Ctrl-C must reach only this process, which stops the others in order.
  const child = spawn(process.execPath, [main, 'serve', name], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  running.push({ child, name });
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const { level, msg, ...rest } = JSON.parse(line);
      if (msg === 'attune is ready') resolve();
      if (level === 'warn' || level === 'error') console.log(`  ${name} ${level}: ${msg} ${rest.err?.message ?? ''}`);
    });
    child.on('exit', (code, signal) => {
      if (!stopping) console.error(`  ${name} ended with ${code ?? signal}`);
      reject(new Error(`${name} did not start.`));
    });
  });
  console.log(`  ${name.padEnd(10)} ${url(name)}${grpc ? `  gRPC 127.0.0.1:${grpc}` : ''}`);
}
