import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printFigure } from '../figure';
import { SERVICE_NAMES, type ServiceName } from '../serviceProcess';
import { startSteadyLoad } from '../steadyLoad';
import { startTrainedServices } from '../trainedServices';

export const description = 'resident memory of each service under steady load: --minutes 10, --rate 50 (visits/s)';

const SAMPLE_EVERY_MS = 10_000;
/** Until then caches fill and the compiler is at work. */
const SETTLED_MINUTES = 2;
/** A service whose memory grows less than this is flat: what Node's heap wanders in ten minutes. */
const FLAT_MIB_PER_MINUTE = 1;

interface Sample {
  minute: number;
  residentMib: number;
  heapMib: number;
}

/** Prints for each service its memory when it has settled, at the end, and the slope between. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '50' } },
  });
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  if (!(minutes > SETTLED_MINUTES)) throw new Error(`--minutes must be more than ${SETTLED_MINUTES}.`);
  if (!(rate > 0)) throw new Error('--rate must be more than 0.');
  const system = await startTrainedServices();
  try {
    const samples = new Map<ServiceName, Sample[]>(SERVICE_NAMES.map((name) => [name, []]));
    const load = startSteadyLoad(system, rate);
    const start = performance.now();
    for (let next = 0; next <= minutes * 60_000; next += SAMPLE_EVERY_MS) {
      await pause(Math.max(0, start + next - performance.now()));
      for (const [name, of] of samples) of.push(await sample(system.services[name].httpUrl, next / 60_000));
    }
    await load.stop();
    const unit = `${load.visits} visits in ${minutes} minutes, ${system.data.name}`;
    for (const [name, all] of samples) report(name, all, unit);
  } finally {
    await system.stop();
  }
}

/** What the service itself reports to Prometheus. */
async function sample(httpUrl: string, minute: number): Promise<Sample> {
  const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
  const mib = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]) / 2 ** 20;
  return { minute, residentMib: mib('process_resident_memory_bytes'), heapMib: mib('nodejs_heap_size_used_bytes') };
}

function report(name: ServiceName, samples: readonly Sample[], unit: string): void {
  const settled = samples.filter(({ minute }) => minute >= SETTLED_MINUTES);
  const [first, last] = [settled[0]!, settled.at(-1)!];
  const line = samples.map(({ residentMib, heapMib }) => `${Math.round(residentMib)}/${Math.round(heapMib)}`).join(' ');
  console.error(`${name}, resident/heap in MiB every ${SAMPLE_EVERY_MS / 1000} s: ${line}`);
  printFigure({
    name: `memory_${name}_end`,
    value: last.residentMib,
    unit: `MiB resident (${unit})`,
    peer: `minute ${SETTLED_MINUTES}`,
    peerValue: first.residentMib,
  });
  printFigure({
    name: `memory_${name}_slope`,
    value: slope(settled),
    unit: 'MiB/minute',
    peer: 'flat',
    peerValue: FLAT_MIB_PER_MINUTE,
  });
}

/** By least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [middle, level] = [mean(({ minute }) => minute), mean(({ residentMib }) => residentMib)];
  return (
    mean(({ minute, residentMib }) => (minute - middle) * (residentMib - level)) /
    mean(({ minute }) => (minute - middle) ** 2)
  );
}
