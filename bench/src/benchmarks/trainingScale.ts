import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findRecipe, type RecipeName } from '@attune/recommender';
import { printFigure, roundFigure } from '../figure';
import type { ScaleJob, ScaleResult } from '../scale/scaleJob';
import { plotsAsSvg } from '../scale/scalePlot';

export const description =
  'time and memory of training at growing sizes: --sizes 1e5x1e4,1e6x1e4, --recipe NAME, --seconds 60, --write FOLDER';

/** Interactions x items. */
const SIZES = '1e5x1e4,1e6x1e4,1e7x1e4,1e6x1e5,1e6x1e6';

type Size = Pick<ScaleJob, 'interactions' | 'items'>;
type Measured = Size & ScaleResult & { epochCpuSeconds: number };

/**
 * An epoch of training and all that is done once, each size in a process of its own. Where a whole epoch would take longer than
 * `--seconds`, it is cut there, and the line says of how many batches the time of the epoch is reckoned. `--write FOLDER` writes
 * training-scale.md and training-scale.svg.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: SIZES },
      recipe: { type: 'string', default: 'aws-user-personalization' },
      seconds: { type: 'string', default: '60' },
      write: { type: 'string' },
    },
  });
  if (!findRecipe(values.recipe)) throw new Error(`--recipe is "${values.recipe}", which is no recipe.`);
  const job = { recipe: values.recipe as RecipeName, secondsOfLearning: positive('--seconds', values.seconds) };
  const measured: Measured[] = [];
  for (const size of values.sizes.split(',').map(readSize)) {
    const result = await measure({ ...size, ...job });
    if (typeof result === 'string') {
      console.error(`${size.interactions} interactions, ${size.items} items: ${result}`);
      continue;
    }
    const epochCpuSeconds = (result.learningCpuSeconds / result.batches) * result.batchesOfEpoch;
    measured.push({ ...size, ...result, epochCpuSeconds });
    report(measured.at(-1)!, values.recipe);
  }
  if (values.write !== undefined) await write(values.write, values.recipe, measured);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`${option} is "${text}". Expected a number above 0.`);
}

function readSize(text: string): Size {
  const [interactions = '', items = ''] = text.split('x');
  return { interactions: positive('--sizes', interactions), items: positive('--sizes', items) };
}

/** @returns how the process ended, where it measured nothing */
function measure(job: ScaleJob): Promise<ScaleResult | string> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, '..', 'scale', 'scaleProcess.js'), [JSON.stringify(job)], {
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
      execArgv: [],
    });
    let result: ScaleResult | undefined;
    child.on('message', (message: ScaleResult) => {
      result = message;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(result ?? `the process ended with ${signal ?? `code ${code}`}`));
  });
}

function report({ interactions, items, ...of }: Measured, recipe: string): void {
  const cut = of.batches < of.batchesOfEpoch ? `, reckoned from ${of.batches} of ${of.batchesOfEpoch} batches` : '';
  printFigure({
    name: 'training_epoch_cpu',
    value: of.epochCpuSeconds,
    unit: `s of CPU (${recipe}, ${interactions} interactions, ${items} items${cut})`,
    details: {
      interactions,
      items,
      microseconds_per_interaction: roundFigure((of.epochCpuSeconds / interactions) * 1e6),
      wall_s: roundFigure((of.learningSeconds / of.batches) * of.batchesOfEpoch),
      other_cpu_s: roundFigure(of.otherCpuSeconds),
      dataset_s: roundFigure(of.datasetSeconds),
      peak_memory_mib: roundFigure(of.peakMemoryMib),
    },
  });
}

async function write(folder: string, recipe: string, measured: readonly Measured[]): Promise<void> {
  const rows = measured.map(
    (of) =>
      `| ${of.interactions} | ${of.items} | ${roundFigure(of.epochCpuSeconds)} | ${roundFigure((of.epochCpuSeconds / of.interactions) * 1e6)} | ${roundFigure(of.otherCpuSeconds)} | ${roundFigure(of.peakMemoryMib)} | ${of.batches} of ${of.batchesOfEpoch} |`,
  );
  const table = `# Training at growing sizes

Written by \`npm run bench -- training-scale --write docs\`: recipe ${recipe}, generated data, 50 interactions a user. An epoch whose
batches were not all learned is reckoned from those that were. "Once" is everything beside the epoch: split, transition memory, one
validation, measuring.

| interactions | items | CPU of an epoch, s | us an interaction | CPU once, s | peak memory, MiB | batches |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

![CPU and memory by interactions and by items](training-scale.svg)
`;
  const byInteractions = smallest(measured, 'items').toSorted((a, b) => a.interactions - b.interactions);
  const commonest = commonestInteractions(measured);
  const byItems = measured.filter((of) => of.interactions === commonest).toSorted((a, b) => a.items - b.items);
  const plot = (title: string, xLabel: string, of: readonly Measured[], x: 'interactions' | 'items') => ({
    title,
    xLabel,
    yLabel: 's of CPU, MiB',
    series: [
      { name: 'epoch, s of CPU', points: of.map((each) => [each[x], each.epochCpuSeconds] as const) },
      { name: 'once, s of CPU', points: of.map((each) => [each[x], each.otherCpuSeconds] as const) },
      { name: 'peak memory, MiB', points: of.map((each) => [each[x], each.peakMemoryMib] as const) },
    ],
  });
  const svg = plotsAsSvg([
    plot(`${byInteractions[0]?.items} items`, 'interactions', byInteractions, 'interactions'),
    plot(`${commonest} interactions`, 'items', byItems, 'items'),
  ]);
  await writeFile(join(folder, 'training-scale.md'), table);
  await writeFile(join(folder, 'training-scale.svg'), svg);
}

/** Those of the smallest size. */
function smallest(measured: readonly Measured[], size: 'items' | 'interactions'): Measured[] {
  const least = Math.min(...measured.map((of) => of[size]));
  return measured.filter((of) => of[size] === least);
}

/** The number of interactions that has the most numbers of items beside it. */
function commonestInteractions(measured: readonly Measured[]): number {
  const count = (interactions: number) => measured.filter((of) => of.interactions === interactions).length;
  return measured.map(({ interactions }) => interactions).reduce((a, b) => (count(b) > count(a) ? b : a));
}
